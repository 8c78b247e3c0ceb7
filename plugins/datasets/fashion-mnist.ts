import { z } from 'zod';
import { defineDataset } from '../../core/contracts/index.js';
import { datasetFolder } from './folders.js';
import { MNIST_NAMES, readIdxFolder } from './idx-set.js';
import { path } from './options.js';
import { STATISTICS } from './statistics.js';

const DEBIAN = '/usr/share/datasets/fashion-mnist';

const ADVICE =
  'install the Debian package dataset-fashion-mnist, or let dataset.path name a folder with the four files of https://github.com/zalandoresearch/fashion-mnist';

const CLASSES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const;

/** Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 60,000 training and 10,000 test images of clothes, as MNIST in form. */
export const fashionMnist = defineDataset({
  name: 'fashion-mnist',
  summary: 'Fashion-MNIST: 70,000 grey images of 28x28 pixels in 10 classes, from Debian or from IDX files',
  options: z.strictObject({ path: path.default(DEBIAN) }),
  open: async (options, context) => {
    const folder = await datasetFolder(context.folder, options.path, ADVICE);
    const { train, test } = await readIdxFolder(folder, MNIST_NAMES, CLASSES.length, ADVICE);
    return {
      shape: train.shape,
      classes: CLASSES,
      ...STATISTICS.fashionMnist,
      train: train.set,
      test: test.set,
      close: async () => {},
    };
  },
});
