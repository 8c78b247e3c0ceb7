import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { createOptimizer, type OptimizerOptions } from '../../../core/train/optimizers/index.js';
import { ParameterStore } from '../../../core/reparam/network/parameters.js';
import { cpu } from '../../../plugins/engines/cpu.js';

interface Reference {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly optimizers: Readonly<Record<string, readonly (readonly number[])[]>>;
}

const reference = JSON.parse(readFileSync('test/core/train/pytorch.json', 'utf8')) as Reference;

const betas = [0.8, 0.95] as const;
const shared = { decayNormAndBias: false };
const CASES: Readonly<
  Record<string, { options: OptimizerOptions; rates: [learningRate: number, weightDecay: number] }>
> = {
  sgd: { options: { name: 'sgd', momentum: 0.9, nesterov: true, ...shared }, rates: [0.1, 0.01] },
  adam: { options: { name: 'adam', betas, epsilon: 1e-8, ...shared }, rates: [0.01, 0.02] },
  adamw: { options: { name: 'adamw', betas, epsilon: 1e-8, ...shared }, rates: [0.01, 0.02] },
  lamb: { options: { name: 'lamb', betas, epsilon: 1e-6, ...shared }, rates: [0.01, 0.02] },
  lion: { options: { name: 'lion', betas, ...shared }, rates: [0.01, 0.02] },
  rmsprop: {
    options: { name: 'rmsprop', memory: 0.9, momentum: 0.5, epsilon: 1e-8, ...shared },
    rates: [0.01, 0.02],
  },
};

test.before(async () => {
  await cpu.start({});
});

/** Takes the reference's steps from one on, and returns the values after each. */
function walk(options: OptimizerOptions, [learningRate, weightDecay]: readonly [number, number]) {
  const store = new ParameterStore();
  store.add('kernel', 'kernel', [5], Float32Array.from(reference.start));
  const optimizer = createOptimizer(options, store);
  const take = (from: number, to: number): number[][] =>
    reference.gradients.slice(from, to).map((gradient) => {
      // Twice the gradient at half the scale, as clipping does.
      const [doubled, scale] = [tf.tensor1d(gradient.map((value) => 2 * value)), tf.scalar(0.5)];
      optimizer.step(new Map([['kernel', doubled]]), scale, { learningRate, weightDecay });
      tf.dispose([doubled, scale]);
      return [...store.read('kernel')];
    });
  return { store, optimizer, take };
}

test('every optimizer has a reference', (t) => {
  t.deepEqual(Object.keys(CASES).sort(), Object.keys(reference.optimizers).sort());
});

for (const [name, { options, rates }] of Object.entries(CASES)) {
  test.serial(`${name} takes the steps of its reference, leaks nothing, and goes on from a checkpoint`, (t) => {
    const tensors = tf.memory().numTensors;
    const whole = walk(options, rates);
    const found = whole.take(0, 4);
    for (const [step, values] of found.entries())
      for (const [at, value] of values.entries()) {
        const expected = reference.optimizers[name]?.[step]?.[at] ?? Number.NaN;
        t.true(
          Math.abs(value - expected) <= 2e-6 * Math.max(1, Math.abs(expected)),
          `step ${step}: ${value}, ${expected}`,
        );
      }
    const first = walk(options, rates);
    first.take(0, 2);
    const second = walk(options, rates);
    second.store.write('kernel', first.store.read('kernel'));
    second.optimizer.restore(first.optimizer.save());
    t.deepEqual(second.take(2, 4).at(-1), found.at(-1));
    for (const { optimizer, store } of [whole, first, second]) {
      optimizer.dispose();
      store.dispose();
    }
    t.is(tf.memory().numTensors, tensors);
  });
}

test.serial('batch-norms and biases decay only if asked for', (t) => {
  const moved = (decayNormAndBias: boolean): number => {
    const store = new ParameterStore();
    store.add('gamma', 'gamma', [1], Float32Array.of(1));
    const optimizer = createOptimizer({ name: 'adamw', betas, epsilon: 1e-8, decayNormAndBias }, store);
    const [gradient, scale] = [tf.tensor1d([0]), tf.scalar(1)];
    optimizer.step(new Map([['gamma', gradient]]), scale, { learningRate: 0.5, weightDecay: 0.1 });
    tf.dispose([gradient, scale]);
    const [value = Number.NaN] = store.read('gamma');
    optimizer.dispose();
    store.dispose();
    return value;
  };
  t.is(moved(false), 1);
  t.true(Math.abs(moved(true) - 0.95) < 1e-6);
});
