import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { type Values, values } from '../../../core/engine/conformance/values.js';
import { branchNorm, KERNELS, scaleNorm } from '../../../core/engine/index.js';
import { useCpu } from './cpu.js';
import { assertClose, assertDifferentiates } from './gradient-check.js';
import * as naive from './naive.js';

test.before(useCpu);

const EPSILON = 1e-5;

for (const branches of [1, 2, 3])
  for (const relu of [false, true]) {
    const shape = [3, 2, 3, branches + 1];
    const channels = [branches + 1];
    const each = (make: (branch: number) => Values) => Array.from({ length: branches }, (_, branch) => make(branch));
    test(`normalises, gates and adds ${branches} branches${relu ? ' before a ReLU' : ''}`, (t) => {
      assertDifferentiates(t, 'branchNorm', {
        op: (inputs) =>
          branchNorm(
            inputs.slice(0, branches) as tf.Tensor4D[],
            inputs.slice(branches, 2 * branches) as tf.Tensor1D[],
            inputs.slice(2 * branches, 3 * branches) as tf.Tensor1D[],
            inputs[3 * branches] as tf.Tensor1D,
            { epsilon: EPSILON, relu },
          ).y,
        naive: (inputs) => naive.branchNorm(inputs, { branches, epsilon: EPSILON, relu }),
        inputs: [
          ...each((branch) => values(branch, shape, { low: -1, high: 2 + branch })),
          ...each((branch) => values(10 + branch, channels, { low: 0.5, high: 1.5 })),
          ...each((branch) => values(20 + branch, channels)),
          values(30, [branches], { low: 0.5, high: 1.5 }),
        ],
      });
    });
  }

test('adds the gradients of branches that see one image', (t) => {
  const [shape, channels] = [[2, 3, 3, 2], [2]];
  const attributes = { branches: 2, epsilon: EPSILON, relu: true };
  assertDifferentiates(t, 'branchNorm of one image', {
    op: ([u, ...rest]) =>
      branchNorm(
        [u, u] as tf.Tensor4D[],
        rest.slice(0, 2) as tf.Tensor1D[],
        rest.slice(2, 4) as tf.Tensor1D[],
        rest[4] as tf.Tensor1D,
        attributes,
      ).y,
    naive: ([u, ...rest]) => naive.branchNorm([u, u, ...rest] as naive.Array64[], attributes),
    inputs: [
      values(1, shape),
      ...[2, 3, 4, 5].map((seed) => values(seed, channels, { low: 0.5 })),
      values(6, [2], { low: 0.5 }),
    ],
  });
});

test('tells the mean and biased variance of every branch', (t) => {
  const us = [values(1, [2, 3, 3, 4], { low: 0, high: 5 }), values(2, [2, 3, 3, 4])];
  const one = tf.ones<tf.Rank.R1>([4]);
  const tensors = us.map(({ data, shape }) => tf.tensor4d(data, shape as [number, number, number, number]));
  const { moments } = branchNorm(tensors, [one, one], [one, one], tf.ones([2]), { epsilon: EPSILON, relu: true });
  for (const [index, { shape, data }] of us.entries())
    assertClose(
      t,
      `branch ${index}`,
      naive.moments({ shape, data: Float64Array.from(data) }),
      moments[index] as tf.Tensor,
    );
});

test('computes the gradients of all inputs at once', async (t) => {
  const u = tf.randomUniform<tf.Rank.R4>([2, 3, 3, 2], -1, 1, 'float32', 1);
  const one = tf.ones<tf.Rank.R1>([2]);
  const gradients = tf.grads((image, gamma, beta) =>
    tf.sum(
      branchNorm([image as tf.Tensor4D], [gamma as tf.Tensor1D], [beta as tf.Tensor1D], tf.ones([1]), {
        epsilon: EPSILON,
        relu: true,
      }).y,
    ),
  );
  const { kernels } = await tf.profile(() => gradients([u, one, one]));
  t.is(kernels.filter(({ name }) => name === KERNELS.branchNormGradient).length, 1);
});

test('scales by the deviation of the batch', (t) => {
  assertDifferentiates(t, 'scaleNorm', {
    op: ([u, gamma]) => scaleNorm(u as tf.Tensor4D, gamma as tf.Tensor1D, EPSILON).y,
    naive: ([u, gamma]) => naive.scaleNorm(u as naive.Array64, gamma as naive.Array64, EPSILON),
    inputs: [values(1, [3, 2, 3, 3], { low: -1, high: 4 }), values(2, [3], { low: 0.5 })],
  });
});

test('says which branch misses its parameters', (t) => {
  const one = tf.ones<tf.Rank.R1>([1]);
  const u = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
  t.throws(() => branchNorm([u, u], [one], [one, one], tf.ones([2]), { epsilon: EPSILON, relu: true }), {
    message: /2 branches, 1 gammas, 2 betas, 2 gates/,
  });
});
