import { join } from 'node:path';
import { z } from 'zod';
import { defineDataset } from '../../core/contracts/index.js';
import { CIFAR_SHAPE, type CifarLayout, readClassNames, readRecords } from './cifar-records.js';
import { datasetFolder } from './folders.js';
import { limit, path } from './options.js';
import { STATISTICS } from './statistics.js';

const FOLDER = 'cifar-100-binary';
const NAMES = 'fine_label_names.txt';

const TEST: CifarLayout = {
  classes: 100,
  labelBytes: 2,
  recordsPerFile: 10_000,
  advice: 'dataset.path names the folder of the binary version of CIFAR-100, which `repnas data get cifar100` fetches',
};

/** CIFAR-100 (Krizhevsky 2009) in its official binary version, with the fine labels. */
export const cifar100 = defineDataset({
  name: 'cifar100',
  summary: 'CIFAR-100 in its binary version: 60,000 colour photographs of 32x32 pixels in 100 classes',
  options: z.strictObject({ path, limit }),
  archive: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
    bytes: 168_513_733,
    sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
    folder: FOLDER,
    files: ['train.bin', 'test.bin', NAMES],
  },
  open: async (options, context) => {
    const folder = await datasetFolder(context.folder, options.path, TEST.advice, FOLDER);
    const [train, test, classes] = await Promise.all([
      readRecords(folder, ['train.bin'], { ...TEST, recordsPerFile: 50_000 }, options.limit.train),
      readRecords(folder, ['test.bin'], TEST, options.limit.test),
      readClassNames(join(folder, NAMES), TEST.classes),
    ]);
    return { shape: CIFAR_SHAPE, classes, ...STATISTICS.cifar100, train, test, close: async () => {} };
  },
});
