import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { values } from '../../../core/engine/conformance/values.js';
import { averagePool, KERNELS, maxPool, type PoolAttributes } from '../../../core/engine/index.js';
import { useCpu } from './cpu.js';
import { assertDifferentiates } from './gradient-check.js';
import * as naive from './naive.js';

test.before(useCpu);

const cases: readonly (readonly [x: number[], attributes: PoolAttributes])[] = [
  [[2, 4, 4, 2], { size: 2, stride: 2, padding: 0 }],
  [[1, 5, 7, 2], { size: 2, stride: 2, padding: 0 }],
  [[1, 6, 5, 2], { size: 3, stride: 2, padding: 1 }],
  [[1, 5, 4, 3], { size: 3, stride: 1, padding: 1 }],
  [[1, 7, 6, 1], { size: 5, stride: 2, padding: 2 }],
  [[1, 5, 6, 2], { size: 1, stride: 2, padding: 0 }],
  [[2, 1, 1, 2], { size: 3, stride: 1, padding: 1 }],
];

for (const [index, [x, attributes]] of cases.entries()) {
  const { size, stride, padding } = attributes;
  const title = `of images ${x.join('x')}, size ${size}, stride ${stride}, padding ${padding}`;
  test(`averages windows ${title}`, (t) => {
    assertDifferentiates(t, 'averagePool', {
      op: ([images]) => averagePool(images as tf.Tensor4D, attributes),
      naive: ([images]) => naive.averagePool(images as naive.Array64, attributes),
      inputs: [values(index, x)],
    });
  });
  test(`takes the maximum of windows ${title}`, (t) => {
    assertDifferentiates(t, 'maxPool', {
      op: ([images]) => maxPool(images as tf.Tensor4D, attributes),
      naive: ([images]) => naive.maxPool(images as naive.Array64, attributes),
      inputs: [values(100 + index, x, { low: -5, high: -1 })],
    });
  });
}

test('gives the gradient of equal maxima to the first in row order', (t) => {
  const x = tf.tensor4d([1, 2, 2, 2, 2, 1, 2, 2, 0], [1, 3, 3, 1]);
  const dx = tf.grad((images) => maxPool(images as tf.Tensor4D, { size: 3, stride: 1, padding: 0 }))(x);
  t.deepEqual([...dx.dataSync()], [0, 1, 0, 0, 0, 0, 0, 0, 0]);
});

test('keeps nothing for the gradient of the average pool', (t) => {
  const x = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
  t.deepEqual(tf.getGradient(KERNELS.averagePool).inputsToSave ?? [], []);
  const dx = tf.grad((images) => averagePool(images as tf.Tensor4D, { size: 2, stride: 2, padding: 0 }))(x);
  t.true(dx.dataSync().every((value) => value === 0.25));
});

test('says which window does not fit', (t) => {
  const images = tf.ones<tf.Rank.R4>([1, 2, 5, 1]);
  t.throws(() => averagePool(images, { size: 3, stride: 1, padding: 0 }), {
    message: /averagePool: .*larger than the padded/,
  });
  t.throws(() => maxPool(images, { size: 2, stride: 1, padding: 2 }), {
    message: /maxPool: .*smaller than the window/,
  });
});
