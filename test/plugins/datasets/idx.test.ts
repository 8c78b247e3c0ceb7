import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { fashionMnist } from '../../../plugins/datasets/fashion-mnist.js';
import { idx } from '../../../plugins/datasets/idx.js';
import { readIdx } from '../../../plugins/datasets/idx-file.js';
import { everyIndex, openDataset } from './open.js';
import { temporaryFolder } from './temporary.js';
import { IDX_FILES, idxFile, writeAll } from './written.js';

test('four files are read, packed or not', async (t) => {
  const folder = await temporaryFolder(t);
  const packed = Object.entries(IDX_FILES).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)] as const);
  await mkdir(join(folder, 'packed'));
  await writeAll(folder, IDX_FILES);
  await writeAll(join(folder, 'packed'), Object.fromEntries(packed));
  for (const path of ['.', 'packed']) {
    const data = await openDataset(idx, { path, classes: 3 }, folder);
    t.deepEqual(data.shape, [5, 4, 1]);
    t.deepEqual([data.train.size, data.test.size, data.classes.length], [6, 2, 3]);
    const { pixels, labels } = await data.train.read(Uint32Array.of(5, 0));
    t.deepEqual([...labels], [2, 0]);
    t.deepEqual([...pixels], [...Array.from({ length: 20 }, (_, at) => 100 + at), ...everyIndex(20)]);
    t.true(Math.abs((data.mean[0] as number) - 59.5 / 255) < 1e-12);
  }
});

test('files of other names and with channels are read', async (t) => {
  const folder = await temporaryFolder(t);
  const files = { trainImages: 'a', trainLabels: 'b', testImages: 'a', testLabels: 'b' };
  await writeAll(folder, { a: idxFile([4, 3, 3, 2]), b: idxFile([4], 10) });
  t.deepEqual((await openDataset(idx, { path: folder, files })).shape, [3, 3, 2]);
});

test('names of files stay inside the folder', (t) => {
  for (const trainImages of ['../secret', '/etc/passwd', 'a/../../b', 'a\\\\b', '']) {
    const { error } = idx.options.safeParse({ path: '.', files: { trainImages } });
    t.deepEqual(error?.issues[0]?.path, ['files', 'trainImages'], trainImages);
  }
  t.true(idx.options.safeParse({ path: '.', files: { trainImages: 'gzip/emnist-letters' } }).success);
});

test('Fashion-MNIST says where to get it', async (t) => {
  const folder = await temporaryFolder(t);
  await t.throwsAsync(openDataset(fashionMnist, { path: 'nowhere' }, folder), {
    message: /nowhere: there is no such folder; install the Debian package dataset-fashion-mnist/,
  });
  await writeAll(folder, IDX_FILES);
  const data = await openDataset(fashionMnist, { path: folder });
  t.deepEqual([data.train.size, data.classes[9]], [6, 'Ankle boot']);
});

for (const [what, files, message] of [
  [
    'labels beyond the classes',
    { 'train-labels-idx1-ubyte': idxFile([6], 4) },
    /train-labels-idx1-ubyte: label 3 is 3; expected 0 to 2/,
  ],
  [
    'fewer labels than images',
    { 'train-labels-idx1-ubyte': idxFile([5], 3) },
    /found 5 labels; expected 6, one for each image of .*train-images/,
  ],
  [
    'test images of another size',
    { 't10k-images-idx3-ubyte': idxFile([2, 4, 4]) },
    /t10k-images-idx3-ubyte: found images of 4x4x1; expected 5x4x1/,
  ],
  [
    'labels where images should be',
    { 'train-images-idx3-ubyte': idxFile([6], 3) },
    /starts with 0x00000801; expected 0x00000803 or 0x00000804/,
  ],
  [
    'a file that ends early',
    { 'train-images-idx3-ubyte': idxFile([6, 5, 4]).subarray(0, -1) },
    /announces 6x5x4 = 120 bytes; expected 1 to 119/,
  ],
  [
    'a file that is too long',
    { 'train-images-idx3-ubyte': Buffer.concat([idxFile([6, 5, 4]), Buffer.alloc(1)]) },
    /holds more than the 120 bytes of 6x5x4/,
  ],
  ['an empty file', { 'train-images-idx3-ubyte': Buffer.alloc(0) }, /ends after 0 bytes; expected a whole header/],
  [
    'a packed file that ends early',
    { 'train-images-idx3-ubyte': gzipSync(idxFile([6, 5, 4])).subarray(0, -9) },
    /train-images-idx3-ubyte: is a damaged gzip file/,
  ],
  ['no images', { 'train-images-idx3-ubyte': idxFile([0, 5, 4]) }, /announces 0x5x4 = 0 bytes/],
] as const) {
  test(`${what}: the file is named, and what was found and expected`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeAll(folder, { ...IDX_FILES, ...files });
    await t.throwsAsync(openDataset(idx, { path: folder, classes: 3 }), { message });
  });
}

// By itself: memory is that of the whole process.
test.serial('a small file that announces gigabytes takes no memory', async (t) => {
  const folder = await temporaryFolder(t);
  const header = idxFile([6, 5, 4]);
  header.writeUInt32BE(2 ** 32 - 1, 4);
  header.writeUInt32BE(2 ** 32 - 1, 8);
  await writeAll(folder, { plain: header, packed: gzipSync(header) });
  for (const name of ['plain', 'packed']) {
    const before = process.memoryUsage().arrayBuffers;
    await t.throwsAsync(readIdx(join(folder, name), [3], 'look'), {
      message: /announces 4294967295x4294967295x4 = .* look$/,
    });
    t.true(process.memoryUsage().arrayBuffers - before < 2 ** 24);
  }
});

test('a damaged file is read or refused by name, and never anything else', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'file');
  const sources = [idxFile([3, 4, 5]), gzipSync(idxFile([3, 4, 5]))];
  const damage = fc.record({
    source: fc.constantFrom(...sources),
    pokes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    length: fc.nat({ max: 120 }),
    tail: fc.uint8Array({ maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ source, pokes, length, tail }) => {
      const bytes = Buffer.concat([source.subarray(0, Math.max(length, 4)), tail]);
      for (const [at, byte] of pokes) bytes[at % bytes.length] = byte;
      await writeFile(path, bytes);
      const outcome = await readIdx(path, [3, 4], 'look').catch((error: Error) => error);
      if (outcome instanceof Error)
        t.true(outcome.message.startsWith(`${path}: `) && outcome.message.endsWith('; look'), outcome.message);
      else
        t.is(
          outcome.data.length,
          outcome.dimensions.reduce((product, size) => product * size, 1),
        );
    }),
    { numRuns: 400, seed: 1 },
  );
});
