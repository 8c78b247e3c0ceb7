import { mkdir, open, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { cifar10 } from '../../../plugins/datasets/cifar10.js';
import { cifar100 } from '../../../plugins/datasets/cifar100.js';
import { openDataset } from './open.js';
import { temporaryFolder } from './temporary.js';
import { blank, blankTen } from './written.js';

async function poke(path: string, position: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
  await file.close();
}

test('CIFAR-10 is read from its folder or the one above, planes becoming pixels', async (t) => {
  const folder = await temporaryFolder(t);
  const inner = join(folder, 'cifar-10-batches-bin');
  await blankTen(inner);
  const image = Uint8Array.from({ length: 3072 }, (_, at) => (at * 7) % 251);
  await poke(join(inner, 'data_batch_2.bin'), 3073 * 5, Uint8Array.of(9, ...image));
  await poke(join(inner, 'test_batch.bin'), 3073 * 9999, Uint8Array.of(3, ...image));
  await writeFile(join(inner, 'batches.meta.txt'), 'a b c d e f g h i j '.replaceAll(' ', '\n'));
  for (const path of ['cifar-10-batches-bin', '.']) {
    const data = await openDataset(cifar10, { path }, folder);
    t.deepEqual([data.train.size, data.test.size, data.classes.length], [50_000, 10_000, 10]);
    const { pixels, labels } = await data.train.read(Uint32Array.of(0, 10_005));
    t.deepEqual([...labels], [0, 9]);
    t.true(pixels.subarray(0, 3072).every((byte) => byte === 0));
    for (const [y, x, channel] of [
      [0, 0, 0],
      [0, 1, 2],
      [31, 30, 1],
    ] as const) {
      t.is(pixels[3072 + (y * 32 + x) * 3 + channel], image[channel * 1024 + y * 32 + x]);
    }
    t.deepEqual([...(await data.test.read(Uint32Array.of(9999))).labels], [3]);
  }
});

test('a limit reads the first images only, but still looks at every file', async (t) => {
  const folder = await temporaryFolder(t);
  await blankTen(folder);
  const data = await openDataset(cifar10, { path: folder, limit: { train: 10_001, test: 7 } });
  t.deepEqual([data.train.size, data.test.size], [10_001, 7]);
  t.is((await data.train.read(Uint32Array.of(10_000))).labels.length, 1);
  await rm(join(folder, 'data_batch_5.bin'));
  await t.throwsAsync(openDataset(cifar10, { path: folder, limit: { train: 1 } }), {
    message: /data_batch_5\.bin: there is no such file; dataset\.path names the folder/,
  });
});

test('CIFAR-100 takes the fine label', async (t) => {
  const folder = await temporaryFolder(t);
  await blank(folder, [
    ['train.bin', 153_700_000],
    ['test.bin', 30_740_000],
  ]);
  await poke(join(folder, 'train.bin'), 3074 * 2, Uint8Array.of(19, 99, 5));
  const data = await openDataset(cifar100, { path: folder, limit: { train: 3 } });
  const { pixels, labels } = await data.train.read(Uint32Array.of(2));
  t.deepEqual([labels[0], pixels[0], data.classes.length, data.classes[99]], [99, 5, 100, '99']);
});

test('what is wrong with a folder is said by file, with what was found and expected', async (t) => {
  const folder = await temporaryFolder(t);
  const opening = () => openDataset(cifar10, { path: folder });
  await t.throwsAsync(openDataset(cifar10, { path: join(folder, 'none') }), {
    message: /none: there is no such folder; dataset\.path/,
  });
  await writeFile(join(folder, 'file'), '');
  await t.throwsAsync(openDataset(cifar10, { path: join(folder, 'file') }), {
    message: /file: found a file; expected a folder/,
  });
  await blankTen(folder);
  await poke(join(folder, 'data_batch_4.bin'), 3073 * 12, Uint8Array.of(10));
  await t.throwsAsync(opening, { message: /data_batch_4\.bin: the label at byte 36876 is 10; expected 0 to 9/ });
  await truncate(join(folder, 'data_batch_3.bin'), 30_729_999);
  await t.throwsAsync(opening, {
    message: /data_batch_3\.bin: found 30729999 bytes; expected 30730000 \(10000 images/,
  });
  await rm(join(folder, 'data_batch_3.bin'));
  await mkdir(join(folder, 'data_batch_3.bin'));
  await t.throwsAsync(opening, { message: /data_batch_3\.bin: found a folder or device; expected a file/ });
});

test('a list of class names of the wrong length is refused', async (t) => {
  const folder = await temporaryFolder(t);
  await blankTen(folder);
  await writeFile(join(folder, 'batches.meta.txt'), 'cat\ndog\n');
  await t.throwsAsync(openDataset(cifar10, { path: folder }), {
    message: /found 2 class names; expected 10, one a line/,
  });
});
