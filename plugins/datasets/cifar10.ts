import { join } from 'node:path';
import { z } from 'zod';
import { defineDataset } from '../../core/contracts/index.js';
import { CIFAR_SHAPE, type CifarLayout, readClassNames, readRecords } from './cifar-records.js';
import { datasetFolder } from './folders.js';
import { limit, path } from './options.js';
import { STATISTICS } from './statistics.js';

const FOLDER = 'cifar-10-batches-bin';

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
  open: async (options, context) => {
    const folder = await datasetFolder(context.folder, options.path, LAYOUT.advice, FOLDER);
    const trainFiles = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);
    const [train, test, classes] = await Promise.all([
      readRecords(folder, trainFiles, LAYOUT, options.limit.train),
      readRecords(folder, ['test_batch.bin'], LAYOUT, options.limit.test),
      readClassNames(join(folder, 'batches.meta.txt'), LAYOUT.classes),
    ]);
    return { shape: CIFAR_SHAPE, classes, ...STATISTICS.cifar10, train, test, close: async () => {} };
  },
});
