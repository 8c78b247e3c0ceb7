import { join } from 'node:path';
import { z } from 'zod';
import { defineDataset } from '../../core/contracts/index.js';
import { CIFAR_SHAPE, type CifarLayout, readClassNames, readRecords } from './cifar-records.js';
import { datasetFolder } from './folders.js';
import { limit, path } from './options.js';
import { STATISTICS } from './statistics.js';

const FOLDER = 'cifar-10-batches-bin';
const TRAIN = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);
const TEST = 'test_batch.bin';
const NAMES = 'batches.meta.txt';

const LAYOUT: CifarLayout = {
  classes: 10,
  labelBytes: 1,
  recordsPerFile: 10_000,
  advice: 'dataset.path names the folder of the binary version of CIFAR-10, which `repnas data get cifar10` fetches',
};

/** CIFAR-10 (Krizhevsky 2009) in its official binary version: 50,000 training and 10,000 test images in ten classes. */
export const cifar10 = defineDataset({
  name: 'cifar10',
  summary: 'CIFAR-10 in its binary version: 60,000 colour photographs of 32x32 pixels in 10 classes',
  options: z.strictObject({ path, limit }),
  archive: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    bytes: 170_052_171,
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
    folder: FOLDER,
    files: [...TRAIN, TEST, NAMES],
  },
  open: async (options, context) => {
    const folder = await datasetFolder(context.folder, options.path, LAYOUT.advice, FOLDER);
    const [train, test, classes] = await Promise.all([
      readRecords(folder, TRAIN, LAYOUT, options.limit.train),
      readRecords(folder, [TEST], LAYOUT, options.limit.test),
      readClassNames(join(folder, NAMES), LAYOUT.classes),
    ]);
    return { shape: CIFAR_SHAPE, classes, ...STATISTICS.cifar10, train, test, close: async () => {} };
  },
});
