import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import sharp from 'sharp';
import { batches, Unreadable } from '../../../core/train/data/index.js';
import { createRandomSource } from '../../../core/train/random/index.js';
import { createRun, InterruptedError } from '../../../core/run/run.js';
import { middleCrop, randomCrop } from '../../../plugins/datasets/image-folder/crop.js';
import { DecoderPool } from '../../../plugins/datasets/image-folder/decoder-pool.js';
import { imageFolder } from '../../../plugins/datasets/image-folder/image-folder.js';
import { everyIndex, openDataset } from './open.js';
import { temporaryFolder } from './temporary.js';
import { photograph, photographs } from './written.js';

const random = createRandomSource(3);

const folderOf = async (t: ExecutionContext, count: number): Promise<string> =>
  photographs(await temporaryFolder(t), count);

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

/** A run of four steps on a folder, stopped after some of them or not. */
async function runOn(
  folder: string,
  out: string,
  { stopAfter, resume = false }: { stopAfter?: number; resume?: boolean },
) {
  const controller = new AbortController();
  const { events$, done } = createRun(
    {
      dataset: { name: 'image-folder', path: folder, ...OPTIONS },
      augment: { flip: true },
      backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.125 },
      strategy: 'plain',
      train: { epochs: { warmUp: 1, search: 1, frozen: 0 }, batchSize: 50 },
      engine: 'cpu',
      observers: ['jsonl'],
      export: [],
      out,
    },
    { interactive: false, name: 'run', resume, signal: controller.signal },
  );
  const warnings: string[] = [];
  events$.subscribe({
    next: (event) => {
      if (event.type === 'warning') warnings.push(event.message);
      if (event.type === 'step' && event.step === stopAfter) controller.abort();
    },
    error: () => {},
  });
  const result = await done.catch((error: unknown) => {
    if (error instanceof InterruptedError) return undefined;
    throw error;
  });
  const events = (await readFile(join(out, 'run/events.jsonl'), 'utf8')).replaceAll(out, 'OUT');
  return { result, warnings, events };
}

test('a run on a folder trains, warns of what it leaves out and ends with the count; so does one that was stopped', async (t) => {
  const folder = await folderOf(t, 50);
  await truncate(join(folder, 'train', 'dog', '9.JPEG'), 400);
  const whole = await runOn(folder, await temporaryFolder(t), {});
  t.is(whole.result?.main.testImages, 4);
  t.is(whole.warnings.length, 2);
  t.regex(whole.warnings[0] ?? '', /dog\/9\.JPEG/);
  t.is(whole.warnings[1], '1 of 100 training images could not be read and were left out');

  const out = await temporaryFolder(t);
  const stopped = await runOn(folder, out, { stopAfter: 2 });
  t.is(stopped.result, undefined);
  t.deepEqual(stopped.warnings, whole.warnings.slice(0, 1));
  const resumed = await runOn(folder, out, { resume: true });
  t.deepEqual(
    resumed.warnings,
    whole.warnings.slice(1),
    'nobody is told twice, and the count is that of the whole run',
  );
  t.is(resumed.events, whole.events);
});

test('a run on a folder of which more than 1 % cannot be read fails, and names the last one', async (t) => {
  const folder = await folderOf(t, 50);
  for (const name of ['4', '9']) await truncate(join(folder, 'train', 'dog', `${name}.JPEG`), 400);
  await t.throwsAsync(runOn(folder, await temporaryFolder(t), {}), {
    message:
      /2 of 100 training images cannot be read; expected at most 1 %\. The last one: .*dog\/[49]\.JPEG: is no whole image/,
  });
});

/** Sharp, but the thread in which it meets a file of the given size ends: as long as another file is not there, or always. */
const deadly = (size: number, once?: string): string => `
import { existsSync, writeFileSync } from 'node:fs';
import sharp from ${JSON.stringify(import.meta.resolve('sharp'))};
const once = ${JSON.stringify(once ?? null)};
const deadly = (file, options) => {
  if (file.length === ${size} && !(once && existsSync(once))) {
    if (once) writeFileSync(once, '');
    process.exit(3);
  }
  return sharp(file, options);
};
export default Object.assign(deadly, { cache: sharp.cache, concurrency: sharp.concurrency });
`;

test('an image whose thread dies is given another; one that no thread survives is left out, and the others are read', async (t) => {
  const folder = await photographs(await temporaryFolder(t), 4, ['cat']);
  const victim = join(folder, 'train/cat/2.JPEG');
  await photograph(victim, [250, 3, 77], 90, 70);
  const { size } = await stat(victim);
  const read = async (sharp: string) => {
    const pool = new DecoderPool(2, sharp);
    const batch = new SharedArrayBuffer(4 * 3 * 16 * 16);
    const cut = { kind: 'middle', resize: 20 } as const;
    const path = (position: number): string => join(folder, `train/cat/${position}.JPEG`);
    try {
      const replies = await Promise.all(
        [0, 1, 2, 3].map((position) => pool.decode({ path: path(position), size: 16, cut, batch, position })),
      );
      return { problems: replies.map(({ problem }) => problem), pixels: Buffer.from(batch) };
    } finally {
      await pool.close();
    }
  };
  const module = async (name: string, code: string): Promise<string> => {
    await writeFile(join(folder, name), code);
    return pathToFileURL(join(folder, name)).href;
  };
  const healthy = await read(import.meta.resolve('sharp'));
  const once = await read(await module('once.mjs', deadly(size, join(folder, 'died'))));
  t.true(existsSync(join(folder, 'died')));
  t.deepEqual(once, healthy);
  const always = await read(await module('always.mjs', deadly(size)));
  t.deepEqual(
    always.problems.map((problem) => problem !== undefined),
    [false, false, true, false],
  );
  t.regex(always.problems[2] ?? '', /^ended 2 threads that decoded it, the last one so: .*code 3/);
  t.deepEqual(always.pixels.subarray(0, 2 * 768), healthy.pixels.subarray(0, 2 * 768));
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
  await rm(join(folder, 'train', 'empty'), { recursive: true });
  await photograph(join(folder, 'val', 'zebra', '0.jpg'), [1, 2, 3]);
  await t.throwsAsync(open({}), { message: /val\/zebra: found a class that has no training images/ });
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
