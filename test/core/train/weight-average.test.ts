import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { ParameterStore } from '../../../core/reparam/network/parameters.js';
import { inTemporaryFolder, runTrial } from '../../../core/testing/trial.js';
import { checkResume } from '../../../core/testing/same-run.js';
import { WeightAverage } from '../../../core/train/weight-average.js';
import { cpu } from '../../../plugins/engines/cpu.js';

test.before(async () => {
  await cpu.start({});
});

test.serial('keeps its decay of the average, less in the first steps, and goes on from a checkpoint', (t) => {
  const tensors = tf.memory().numTensors;
  const store = new ParameterStore();
  store.add('w', 'kernel', [1], Float32Array.of(0));
  const average = new WeightAverage(0.5, store);
  const goOn = (of: WeightAverage, values: readonly number[]) => {
    for (const value of values) {
      store.write('w', Float32Array.of(value));
      of.step();
    }
  };
  const meanOf = (of: WeightAverage) => of.save().arrays['w']?.[0] ?? Number.NaN;
  goOn(average, [1, 2, 3]);
  // Kept: all of the first, then 2/11 and 3/12.
  const expected = (1 * (2 / 11) + 2 * (9 / 11)) * 0.25 + 3 * 0.75;
  t.true(Math.abs(meanOf(average) - expected) < 1e-6);
  const resumed = new WeightAverage(0.5, store);
  resumed.restore(average.save());
  for (const one of [average, resumed]) goOn(one, [4, 5, 6, 7, 8, 9, 10]);
  t.is(meanOf(resumed), meanOf(average));
  t.true(meanOf(average) > 8 && meanOf(average) < 10);
  average.reset();
  resumed.reset();
  store.dispose();
  t.is(tf.memory().numTensors, tensors);
});

test.serial('stands in for the weights while something is measured, and takes their place when asked', async (t) => {
  const store = new ParameterStore();
  store.add('w', 'kernel', [1], Float32Array.of(2));
  const average = new WeightAverage(0.9, store);
  average.step();
  store.write('w', Float32Array.of(5));
  t.is(await average.during(async () => store.read('w')[0]), 2);
  t.is(store.read('w')[0], 5);
  await t.throwsAsync(average.during(() => Promise.reject(new Error('measuring failed'))));
  t.is(store.read('w')[0], 5);
  average.take();
  t.is(store.read('w')[0], 2);
  average.reset();
  store.dispose();
});

const configs = [{ strategy: 'plain', train: { ema: 0.9 } }] as const;

test.serial('what is evaluated is what is folded, and a stopped run goes on to the same bytes', async (t) => {
  const whole = await inTemporaryFolder((folder) => runTrial({ configs, folder, seed: 1 }));
  const evaluations = whole.events.flatMap((event) => (event.type === 'evaluation' ? [event] : []));
  const [last, fused] = [evaluations.findLast(({ of }) => of === 'multi-branch'), evaluations.at(-1)];
  t.is(fused?.of, 'fused');
  t.is(last?.accuracy, fused?.accuracy);
  t.true(Math.abs((last?.loss ?? 0) - (fused?.loss ?? 1)) < 1e-4);
  const weights = [{ strategy: 'plain' }];
  const plain = await inTemporaryFolder((folder) => runTrial({ configs: weights, folder, seed: 1 }));
  const plainFused = plain.events.findLast((event) => event.type === 'evaluation');
  t.true(plainFused?.type === 'evaluation' && plainFused.loss !== fused?.loss, 'the average is not the weights');
  await t.notThrowsAsync(checkResume(whole, { configs, seed: 1 }));
});
