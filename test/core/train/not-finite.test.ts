import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { useCpu } from '../../../core/testing/cpu.js';
import { evaluate } from '../../../core/train/evaluate.js';
import { NotFiniteError, notFinite } from '../../../core/train/not-finite.js';
import { divergedWeight } from '../../../core/train/snapshot.js';

test.before(useCpu);

const batch = { images: new Float32Array(8).fill(1), target: Float32Array.of(1, 0, 0, 1), size: 2 };

async function* batches() {
  yield batch;
  yield batch;
}

const evaluated = (logits: readonly number[]) => evaluate(() => tf.tensor2d([...logits], [2, 2]), [2, 2, 1], batches());

test('an evaluation counts what numbers say', async (t) => {
  const { accuracy, images } = await evaluated([1, 0, 1, 0]);
  t.deepEqual({ accuracy, images }, { accuracy: 0.5, images: 4 });
});

for (const [name, value] of [
  ['NaN', Number.NaN],
  ['infinite', Number.POSITIVE_INFINITY],
] as const)
  test(`an evaluation counts no ${name} logits as the first class`, async (t) => {
    const error = await t.throwsAsync(evaluated([value, 0, 1, 0]), { instanceOf: NotFiniteError });
    t.regex(error?.message ?? '', /\(images 1 to 2\): its logits are not finite/);
  });

test('names the weight or running statistic that is no number, and nothing else of a snapshot', (t) => {
  const record = (mean: number, rank: number) => ({
    arrays: { 'weights/b1.norm.mean': Float32Array.of(0, mean), 'importance/ranks': Float64Array.of(rank) },
    values: {},
  });
  t.is(divergedWeight(record(1, Number.NEGATIVE_INFINITY)), undefined);
  t.is(divergedWeight(record(Number.NaN, 0)), 'parameter b1.norm.mean became NaN (value 2 of 2)');
  t.is(notFinite([['a', [1]]]), undefined);
});
