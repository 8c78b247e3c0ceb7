import { z } from 'zod';
import { defineDataset } from '../../core/contracts/index.js';
import { measureNormalisation } from '../../core/train/data/index.js';
import { datasetFolder } from './folders.js';
import { MNIST_NAMES, readIdxFolder } from './idx-set.js';
import { inside, path } from './options.js';

const ADVICE = 'dataset.path names a folder with four IDX files, which dataset.files can name';

const file = (name: string) => inside.default(name).describe('name within the folder; .gz may be left out');

/** Any set in four IDX files: those of MNIST, EMNIST, KMNIST and the like. Mean and deviation are measured. */
export const idx = defineDataset({
  name: 'idx',
  summary: 'images and labels in four IDX files, the format of MNIST, plain or .gz',
  options: z.strictObject({
    path,
    files: z
      .strictObject({
        trainImages: file(MNIST_NAMES.trainImages),
        trainLabels: file(MNIST_NAMES.trainLabels),
        testImages: file(MNIST_NAMES.testImages),
        testLabels: file(MNIST_NAMES.testLabels),
      })
      .prefault({}),
    classes: z.int().min(2).max(256).default(10).describe('labels are 0 to one less'),
  }),
  open: async (options, context) => {
    const folder = await datasetFolder(context.folder, options.path, ADVICE);
    const { train, test } = await readIdxFolder(folder, options.files, options.classes, ADVICE);
    return {
      shape: train.shape,
      classes: Array.from({ length: options.classes }, (_, label) => String(label)),
      ...measureNormalisation(train.pixels, train.shape[2]),
      train: train.set,
      test: test.set,
      close: async () => {},
    };
  },
});
