import test from 'ava';
import {
  type Batch,
  type BatchOptions,
  batchCount,
  batches,
  memorySet,
  NO_AUGMENTATION,
} from '../../../../core/train/data/index.js';
import { createRandomSource } from '../../../../core/train/random/index.js';

const SHAPE = [4, 4, 1] as const;

/** Image i is filled with the byte i, its label is i mod 3. */
const numbered = (size: number) =>
  memorySet(
    Uint8Array.from({ length: size * 16 }, (_, at) => at >> 4),
    Int32Array.from({ length: size }, (_, index) => index % 3),
  );

const options = (over: Partial<BatchOptions> = {}): BatchOptions => ({
  set: numbered(23),
  shape: SHAPE,
  classes: 3,
  batchSize: 5,
  normalisation: { mean: [0], deviation: [1 / 255] },
  training: true,
  random: createRandomSource(1),
  ...over,
});

/** Batches with arrays of their own, since those of the pipeline are used again. */
async function collect(over?: Partial<BatchOptions>): Promise<Batch[]> {
  const found: Batch[] = [];
  for await (const batch of batches(options(over))) {
    found.push({ ...batch, images: batch.images.slice(), target: batch.target.slice(), labels: batch.labels.slice() });
  }
  return found;
}

const imageNumbers = (found: readonly Batch[]): number[] =>
  found.flatMap(({ images, size }) => Array.from({ length: size }, (_, i) => Math.round(images[i * 16] as number)));

const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

test('an epoch gives every image once, with its label, in another order each epoch', async (t) => {
  const first = await collect({ epoch: 0 });
  const second = await collect({ epoch: 1 });
  const all = Array.from({ length: 23 }, (_, i) => i);
  t.deepEqual(ascending(imageNumbers(first)), all);
  t.deepEqual(ascending(imageNumbers(second)), all);
  t.notDeepEqual(imageNumbers(first), imageNumbers(second));
  t.deepEqual(
    first.map(({ size, index }) => [size, index]),
    [
      [5, 0],
      [5, 1],
      [5, 2],
      [5, 3],
      [3, 4],
    ],
  );
  const labels = first.flatMap((batch) => [...batch.labels]);
  t.deepEqual(
    labels,
    imageNumbers(first).map((number) => number % 3),
  );
  t.deepEqual(
    first.flatMap(({ target }) => [...target]),
    labels.flatMap((label) => [0, 1, 2].map((k) => (k === label ? 1 : 0))),
  );
});

test('evaluation gives the images in order, unchanged', async (t) => {
  const augmentation = { padCrop: 3, flip: true, cutout: 2, mixup: 1, cutmix: 0, policy: false as const };
  const found = await collect({ training: false, augmentation, labelSmoothing: 0.1 });
  t.deepEqual(
    imageNumbers(found),
    Array.from({ length: 23 }, (_, i) => i),
  );
  t.true(found.every(({ target }) => target.every((share) => share === 0 || share === 1)));
});

test('a batch depends on seed, epoch and index alone', async (t) => {
  const over = {
    epoch: 4,
    augmentation: { padCrop: 2, flip: true, cutout: 2, mixup: 0.4, cutmix: 0, policy: false as const },
    labelSmoothing: 0.1,
  };
  const whole = await collect(over);
  t.deepEqual(await collect(over), whole);
  t.deepEqual(await collect({ ...over, from: 2 }), whole.slice(2));
  t.deepEqual(await collect({ ...over, from: 5 }), []);
  const elsewhere = await collect({ ...over, random: createRandomSource(2) });
  t.notDeepEqual(elsewhere[0]?.images, whole[0]?.images);
});

test('a last batch of one image joins the one before it while training', async (t) => {
  const sizes = async (size: number, batchSize: number, training: boolean) =>
    (await collect({ set: numbered(size), batchSize, training })).map((batch) => batch.size);
  t.deepEqual(await sizes(11, 5, true), [5, 6]);
  t.deepEqual(await sizes(11, 5, false), [5, 5, 1]);
  t.deepEqual(await sizes(1, 5, true), [1]);
  t.deepEqual(await sizes(3, 1, true), [1, 1, 1]);
  t.deepEqual(await sizes(3, 2, true), [3]);
  t.is(batchCount(11, 5, true), 2);
  t.is(batchCount(11, 5, false), 3);
});

test('label smoothing spreads its share over all classes', async (t) => {
  const [batch] = await collect({ labelSmoothing: 0.3 });
  const label = batch?.labels[0] as number;
  for (let k = 0; k < 3; k++) t.true(Math.abs((batch?.target[k] as number) - (k === label ? 0.8 : 0.1)) < 1e-6);
});

test('mixup mixes images and targets of a pair by the same share', async (t) => {
  const over = { set: numbered(250), batchSize: 50 };
  const plain = await collect(over);
  const mixed = await collect({
    ...over,
    augmentation: { padCrop: 0, flip: false, cutout: 0, mixup: 1, cutmix: 0, policy: false as const },
  });
  const shares = mixed.map((batch, b) => {
    const before = plain[b] as Batch;
    const value = (i: number) => before.images[i * 16] as number;
    const lambda = ((batch.images[0] as number) - value(49)) / (value(0) - value(49));
    for (let i = 0; i < 50; i++) {
      t.true(Math.abs((batch.images[i * 16] as number) - (lambda * value(i) + (1 - lambda) * value(49 - i))) < 1e-3);
      for (let k = 0; k < 3; k++) {
        const expected =
          lambda * (before.target[i * 3 + k] as number) + (1 - lambda) * (before.target[(49 - i) * 3 + k] as number);
        t.true(Math.abs((batch.target[i * 3 + k] as number) - expected) < 1e-4);
      }
    }
    return lambda;
  });
  t.is(new Set(shares).size, 5);
  t.true(shares.every((share) => share > 0 && share < 1));
});

test('the next batch is read while one is in use, and no more than one', async (t) => {
  const set = numbered(50);
  const reads: number[] = [];
  const watched = {
    ...set,
    read: async (indices: Uint32Array) => {
      reads.push(indices.length);
      return set.read(indices);
    },
  };
  const iterator = batches(options({ set: watched }));
  await iterator.next();
  await new Promise((done) => setImmediate(done));
  t.is(reads.length, 2);
  await iterator.next();
  await new Promise((done) => setImmediate(done));
  t.is(reads.length, 3);
  await iterator.return();
  t.is(reads.length, 3);
});

test('two buffers serve all batches', async (t) => {
  const buffers = new Set<ArrayBufferLike>();
  for await (const { images } of batches(options())) buffers.add(images.buffer);
  t.is(buffers.size, 2);
});

test('the iteration ends only when the read ahead has ended', async (t) => {
  const set = numbered(50);
  let reading = 0;
  const slow = {
    ...set,
    read: async (indices: Uint32Array) => {
      reading++;
      await new Promise((done) => setTimeout(done, 20));
      reading--;
      return set.read(indices);
    },
  };
  for await (const _ of batches(options({ set: slow }))) break;
  t.is(reading, 0);
});

test('an error of a read ahead is thrown when its batch is asked for', async (t) => {
  const set = numbered(50);
  let reads = 0;
  const failing = {
    ...set,
    read: async (indices: Uint32Array) => {
      if (++reads === 2) throw new Error('the disk is gone');
      return set.read(indices);
    },
  };
  const iterator = batches(options({ set: failing }));
  t.false((await iterator.next()).done);
  await new Promise((done) => setImmediate(done));
  await t.throwsAsync(iterator.next(), { message: 'the disk is gone' });
});

test('images of another size, and labels out of range, are refused', async (t) => {
  const wrongSize = memorySet(new Uint8Array(23 * 15), new Int32Array(23));
  await t.throwsAsync(collect({ set: wrongSize }), {
    message: /75 pixel values and 5 labels.*4x4x1; expected 80 and 5/,
  });
  await t.throwsAsync(collect({ classes: 2 }), { message: /label 2; expected 0 to 1/ });
  await t.throwsAsync(collect({ batchSize: 0 }), { message: /batch size is 0; expected a positive integer/ });
});

test('CutMix exchanges rectangles within pairs, and gives each label the part of the image that is its own', async (t) => {
  const augmentation = { ...NO_AUGMENTATION, cutmix: 1 };
  const parts = new Set<number>();
  for (let epoch = 0; epoch < 10; epoch++) {
    for (const { images, target, labels, size } of await collect({ augmentation, epoch })) {
      for (let i = 0; i < size; i++) {
        const [own, partner] = [labels[i] as number, labels[size - 1 - i] as number];
        const pixels = [...images.subarray(16 * i, 16 * (i + 1))].map((value) => Math.round(value) % 3);
        const part = pixels.filter((label) => label === own).length / 16;
        const row = [...target.subarray(3 * i, 3 * (i + 1))];
        t.true(pixels.every((label) => label === own || label === partner));
        t.true(Math.abs((row[own] as number) - part) < 1e-6, `${row} for ${part}`);
        parts.add(part);
      }
    }
  }
  t.true(parts.size > 3, 'rectangles of many sizes');
});

test('of mixup and CutMix a batch takes one, and both are taken', async (t) => {
  const augmentation = { ...NO_AUGMENTATION, mixup: 1, cutmix: 1 };
  const kinds = new Set<string>();
  for (let epoch = 0; epoch < 10; epoch++)
    for (const { images } of await collect({ augmentation, epoch }))
      kinds.add(images.every((value) => Math.abs(value - Math.round(value)) < 1e-3) ? 'cut' : 'mixed');
  t.deepEqual([...kinds].sort(), ['cut', 'mixed']);
});

test('a policy changes the images of training alone, and leaves the bytes of the data set as they are', async (t) => {
  const set = numbered(23);
  const augmentation = { ...NO_AUGMENTATION, policy: { name: 'rand-augment', count: 2, magnitude: 9 } } as const;
  const found = await collect({ set, augmentation });
  t.notDeepEqual(found, await collect({ set }));
  t.deepEqual(await collect({ set, augmentation }), found, 'the same once more, from the same bytes');
  t.deepEqual(await collect({ set, augmentation, training: false }), await collect({ set, training: false }));
});
