import test, { type ExecutionContext } from 'ava';
import { checkLaws, type DatasetTestOptions, testDataset } from '../../../core/testing/index.js';
import { datasets } from '../../../plugins/datasets/index.js';
import { temporaryFolder } from './temporary.js';
import { blankHundred, blankTen, IDX_FILES, photographs, writeAll } from './written.js';

/** What a data set is opened with: files that are written for it, where it reads files. */
const OPENED: Readonly<Record<string, (t: ExecutionContext) => Promise<DatasetTestOptions>>> = {
  cifar10: (t) => cifar(t, blankTen),
  cifar100: (t) => cifar(t, blankHundred),
  'fashion-mnist': idxFiles,
  idx: idxFiles,
  'image-folder': async (t) => ({
    folder: await photographs(await temporaryFolder(t), 3),
    options: { path: '.', size: 16, resize: 20, workers: 2 },
    runs: 8,
  }),
  mnist: async () => ({}),
  synthetic: async () => ({ options: { train: 30, test: 20, shape: [5, 7, 3], classes: 4 } }),
};

async function cifar(t: ExecutionContext, write: (folder: string) => Promise<void>): Promise<DatasetTestOptions> {
  const folder = await temporaryFolder(t);
  await write(folder);
  return { options: { path: folder, limit: { train: 50, test: 20 } }, runs: 5 };
}

async function idxFiles(t: ExecutionContext): Promise<DatasetTestOptions> {
  const folder = await temporaryFolder(t);
  await writeAll(folder, IDX_FILES);
  return { folder, options: { path: '.' } };
}

for (const dataset of datasets) {
  test(`${dataset.name} keeps the laws of data sets`, async (t) => {
    const opened = OPENED[dataset.name];
    if (!opened) return t.fail('say under OPENED how it is opened');
    await t.notThrowsAsync(checkLaws(testDataset(dataset, await opened(t))));
  });
}
