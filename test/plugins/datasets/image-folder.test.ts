import { mkdir, rename, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import sharp from 'sharp';
import { batches, Unreadable } from '../../../core/data/index.js';
import { createRandomSource } from '../../../core/random/index.js';
import { createRun } from '../../../core/run/run.js';
import { middleCrop, randomCrop } from '../../../plugins/datasets/image-folder/crop.js';
import { imageFolder } from '../../../plugins/datasets/image-folder/image-folder.js';
import { everyIndex, openDataset } from './open.js';
import { temporaryFolder } from './temporary.js';

const random = createRandomSource(3);

/** A photograph of sorts: one colour fading into another, so that a crop can be told from the whole. */
async function photograph(path: string, [red, green, blue]: readonly number[], width = 40, height = 30): Promise<void> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    pixels.set([red ?? 0, Math.round(((green ?? 0) * x) / width), Math.round(((blue ?? 0) * y) / height)], 3 * at);
  }
  await mkdir(dirname(path), { recursive: true });
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toFile(path);
}

/** `count` training images a class and two test images, in ImageNet's layout. */
async function folderOf(t: ExecutionContext, count: number, classes = ['cat', 'dog']): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [label, name] of classes.entries()) {
    for (let index = 0; index < count; index++) {
      await photograph(join(folder, 'train', name, `${index}.JPEG`), [60 + 120 * label, 200, 10 + index]);
    }
    for (const index of [0, 1])
      await photograph(join(folder, 'val', name, `t${index}.jpg`), [60 + 120 * label, 200, 99]);
  }
  return folder;
}

const OPTIONS = { size: 16, resize: 20, workers: 2 };

async function openFolder(t: ExecutionContext, path: string, options: object = {}) {
  const set = await openDataset(imageFolder, { path, ...OPTIONS, ...options });
  t.teardown(() => set.close());
  return set;
}

test("reads ImageNet's layout: classes are folders in order, images are of one size, other files are left alone", async (t) => {
  const folder = await folderOf(t, 3);
  await writeFile(join(folder, 'train', 'cat', 'notes.txt'), 'not an image');
  await rename(join(folder, 'val', 'dog'), join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'val', 'dog'));
  const set = await openFolder(t, folder);
  t.deepEqual([...set.classes], ['cat', 'dog']);
  t.deepEqual([...set.shape], [16, 16, 3]);
  t.deepEqual([set.train.size, set.test.size], [6, 4]);
  const { pixels, labels, unreadable } = await set.test.read(everyIndex(4));
  t.deepEqual([...labels], [0, 0, 1, 1]);
  t.deepEqual(unreadable, []);
  t.is(pixels.length, 4 * 16 * 16 * 3);
  t.true(Math.abs((pixels[0] as number) - 60) < 8 && Math.abs((pixels[3 * 16 * 16 * 3] as number) - 180) < 8);
});

test('a test image is its middle, the shorter side being `resize`: compared with sharp on its own', async (t) => {
  const folder = await folderOf(t, 1);
  const set = await openFolder(t, folder);
  const { pixels } = await set.test.read(Uint32Array.of(2));
  const expected = await sharp(join(folder, 'val', 'dog', 't0.jpg'))
    .extract({ left: 8, top: 3, width: 24, height: 24 })
    .resize(16, 16, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
  t.deepEqual(Buffer.from(pixels), expected);
});

test('training crops differ from epoch to epoch and are the same for the same stream, however many threads decode', async (t) => {
  const folder = await folderOf(t, 4);
  const [one, three] = [await openFolder(t, folder, { workers: 1 }), await openFolder(t, folder, { workers: 3 })];
  const read = async (set: typeof one, epoch: number) =>
    Buffer.from((await set.train.read(everyIndex(8), (index) => random.stream('crop', epoch, index))).pixels);
  t.deepEqual(await read(one, 0), await read(three, 0));
  t.notDeepEqual(await read(one, 0), await read(one, 1));
});

test('memory does not grow with the number of batches: what was read is overwritten by the read after the next', async (t) => {
  const set = await openFolder(t, await folderOf(t, 4));
  const buffers = new Set<ArrayBufferLike>();
  let before: { pixels: Uint8Array; copy: Buffer } | undefined;
  for (let round = 0; round < 8; round++) {
    const { pixels } = await set.train.read(everyIndex(8 - (round % 3)), (index) =>
      random.stream('crop', round, index),
    );
    if (before) t.deepEqual(Buffer.from(before.pixels), before.copy);
    before = { pixels, copy: Buffer.from(pixels) };
    buffers.add(pixels.buffer);
  }
  t.true(buffers.size <= 2, `${buffers.size} buffers`);
});

test('grey, CMYK, transparent and 16-bit images come as three bytes a pixel', async (t) => {
  const folder = await folderOf(t, 1);
  const plain = () => sharp({ create: { width: 33, height: 21, channels: 3, background: '#808080' } });
  const place = (name: string) => join(folder, 'train', 'cat', name);
  await plain().toColourspace('b-w').jpeg().toFile(place('a.jpg'));
  await plain().toColourspace('cmyk').jpeg().toFile(place('b.jpg'));
  await plain().ensureAlpha(0.5).png().toFile(place('c.png'));
  await plain().toColourspace('rgb16').png().toFile(place('d.png'));
  await plain().webp().toFile(place('e.webp'));
  const set = await openFolder(t, folder);
  const { pixels, unreadable } = await set.train.read(Uint32Array.of(1, 2, 3, 4, 5));
  t.deepEqual(unreadable, []);
  for (const [at, byte] of pixels.entries()) {
    if (Math.abs(byte - 128) > 20) return t.fail(`value ${at} is ${byte}; expected about 128`);
  }
});

/** All batches of an epoch, by their labels. */
async function epoch(set: Awaited<ReturnType<typeof openFolder>>, unreadable: Unreadable) {
  const { shape, classes, mean, deviation, train } = set;
  const normalisation = { mean, deviation };
  const options = { set: train, shape, classes: classes.length, batchSize: 50, normalisation, random, unreadable };
  const sizes: number[] = [];
  for await (const { size, images, labels } of batches({ ...options, training: true })) {
    sizes.push(size);
    t_check(images.length === size * 16 * 16 * 3 && labels.length === size);
  }
  return sizes;
}

const t_check = (holds: boolean): void => {
  if (!holds) throw new Error('a batch is not as large as it says');
};

test('a corrupt image is left out and named once; the count is there at the end; more than 1 % is an error', async (t) => {
  const folder = await folderOf(t, 50);
  const set = await openFolder(t, folder);
  const corrupt = join(folder, 'train', 'cat', '7.JPEG');
  await truncate(corrupt, (await stat(corrupt)).size >> 1);
  const warnings: string[] = [];
  const unreadable = new Unreadable('training', set.train.size, (message) => warnings.push(message));
  t.is(unreadable.summary, undefined);
  for (let round = 0; round < 2; round++) {
    const sizes = await epoch(set, unreadable);
    t.is(
      sizes.reduce((sum, size) => sum + size, 0),
      99,
    );
  }
  t.is(warnings.length, 1);
  t.true(warnings[0]?.includes(`left out an image that cannot be read: ${corrupt}: `), warnings[0]);
  t.is(unreadable.summary, '1 of 100 training images could not be read and were left out');
  await writeFile(join(folder, 'train', 'dog', '3.JPEG'), '');
  await t.throwsAsync(epoch(set, unreadable), {
    message: /2 of 100 training images cannot be read; expected at most 1 %.*dog\/3\.JPEG/,
  });
});

test('a run on a folder trains, warns of what it leaves out and ends with the count', async (t) => {
  const folder = await folderOf(t, 50);
  await truncate(join(folder, 'train', 'dog', '9.JPEG'), 400);
  const out = await temporaryFolder(t);
  const { events$, done } = createRun(
    {
      dataset: { name: 'image-folder', path: folder, ...OPTIONS },
      augment: { flip: true },
      backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.125 },
      strategy: 'plain',
      train: { epochs: { warmUp: 1, search: 1, frozen: 0 }, batchSize: 25 },
      engine: 'cpu',
      observers: [],
      export: [],
      out,
    },
    { interactive: false },
  );
  const warnings: string[] = [];
  events$.subscribe({
    next: (event) => void (event.type === 'warning' && warnings.push(event.message)),
    error: () => {},
  });
  const { main } = await done;
  t.is(main.testImages, 4);
  t.is(warnings.length, 2);
  t.regex(warnings[0] ?? '', /dog\/9\.JPEG/);
  t.is(warnings[1], '1 of 100 training images could not be read and were left out');
});

test('what is not there is told: no folder, one class, a class without images, a test class that training lacks', async (t) => {
  const folder = await folderOf(t, 1);
  const open = (options: object) => openDataset(imageFolder, { path: folder, ...OPTIONS, ...options });
  await t.throwsAsync(open({ path: '/nowhere' }), {
    message: /\/nowhere: there is no such folder; dataset\.path names/,
  });
  await t.throwsAsync(open({ train: 'training' }), { message: /training: there is no such folder/ });
  await mkdir(join(folder, 'train', 'empty'));
  await t.throwsAsync(open({}), { message: /train\/empty: found no images/ });
  await photograph(join(folder, 'val', 'zebra', '0.jpg'), [1, 2, 3]);
  await t.throwsAsync(open({}), {
    message: /empty: found no images|val\/zebra: found a class that has no training images/,
  });
});

test('a random part lies within the image, and its area and form within their ranges', (t) => {
  const side = fc.integer({ min: 1, max: 500 });
  fc.assert(
    fc.property(side, side, fc.integer(), (width, height, seed) => {
      const stream = createRandomSource(seed).stream('crop');
      const draws = Array.from({ length: 40 }, () => stream.uniform());
      const range = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] } as const;
      const { left, top, width: w, height: h } = randomCrop(width, height, range, draws);
      t.true([left, top, w, h].every(Number.isInteger) && left >= 0 && top >= 0 && w >= 1 && h >= 1);
      t.true(left + w <= width && top + h <= height);
      // Rounding to whole pixels moves small parts out of their ranges.
      if (w > 20 && h > 20) t.true(w / h > 0.7 && w / h < 1.43);
      const fits = width > 0.75 * height && height > 0.75 * width && width * height > 10_000;
      if (fits) t.true((w * h) / (width * height) > 0.07);
      const middle = middleCrop(width, height, 256, 224);
      t.true(middle.left >= 0 && middle.top >= 0 && middle.left + middle.width <= width);
      t.true(middle.top + middle.height <= height && middle.width === middle.height);
    }),
    { numRuns: 500, seed: 1 },
  );
});
