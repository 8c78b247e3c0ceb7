import test from 'ava';
import { memorySet, splitSet } from '../../../../core/train/data/index.js';
import { createRandomSource } from '../../../../core/train/random/index.js';

const labels = Int32Array.from({ length: 1000 }, (_, index) => (index < 700 ? 0 : index < 990 ? 1 : 2));
const set = memorySet(
  Uint8Array.from(labels, (_, index) => index & 255),
  labels,
);
const every = (size: number) => Uint32Array.from({ length: size }, (_, index) => index);

test('a split takes the same share of every class', async (t) => {
  const { train, validation } = splitSet(set, 0.1, createRandomSource(1));
  t.deepEqual([train.size, validation.size], [900, 100]);
  const count = (found: Int32Array | undefined, label: number) => found?.filter((other) => other === label).length;
  t.deepEqual(
    [0, 1, 2].map((label) => count(validation.labels, label)),
    [70, 29, 1],
  );
  t.deepEqual(
    [0, 1, 2].map((label) => count(train.labels, label)),
    [630, 261, 9],
  );
  const read = await validation.read(every(100));
  t.deepEqual(read.labels, validation.labels);
});

test('the parts hold every image once, and depend on the seed', async (t) => {
  const unlabelled = { size: 200, read: set.read };
  const members = async (seed: number) => {
    const { train, validation } = splitSet(unlabelled, 0.25, createRandomSource(seed));
    t.deepEqual([train.size, validation.size], [150, 50]);
    return [await train.read(every(150)), await validation.read(every(50))].map(({ pixels }) => [...pixels]);
  };
  const [train = [], validation = []] = await members(1);
  t.deepEqual(
    [...train, ...validation].sort((a, b) => a - b),
    [...every(200)],
  );
  t.deepEqual(await members(1), [train, validation]);
  t.notDeepEqual(await members(2), [train, validation]);
});

test('a split without images on one side is refused', (t) => {
  t.throws(() => splitSet(set, 0.0001, createRandomSource(1)), { message: /1000 images into 1000 and 0/ });
  t.throws(() => splitSet(set, 1, createRandomSource(1)), { message: /share is 1; expected a number between/ });
});
