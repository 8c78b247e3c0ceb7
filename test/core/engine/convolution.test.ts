import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { values } from '../../../core/engine/conformance/values.js';
import { type ConvolutionAttributes, convolve, KERNELS } from '../../../core/engine/index.js';
import { useCpu } from './cpu.js';
import { assertDifferentiates } from './gradient-check.js';
import * as naive from './naive.js';

test.before(useCpu);

const cases: readonly (readonly [x: number[], kernel: number[], attributes: ConvolutionAttributes])[] = [
  [[2, 5, 5, 2], [3, 3, 2, 3], { stride: 1, padding: [1, 1], groups: 1 }],
  [[1, 6, 6, 2], [3, 3, 2, 3], { stride: 2, padding: [1, 1], groups: 1 }],
  [[1, 5, 7, 2], [3, 3, 2, 2], { stride: 2, padding: [1, 1], groups: 1 }],
  [[1, 6, 5, 2], [3, 3, 2, 2], { stride: 2, padding: [0, 0], groups: 1 }],
  [[2, 4, 5, 3], [1, 1, 3, 2], { stride: 1, padding: [0, 0], groups: 1 }],
  [[1, 5, 6, 2], [1, 1, 2, 3], { stride: 2, padding: [0, 0], groups: 1 }],
  [[1, 3, 3, 2], [1, 1, 2, 2], { stride: 1, padding: [1, 1], groups: 1 }],
  [[1, 4, 5, 2], [1, 3, 2, 3], { stride: 1, padding: [0, 1], groups: 1 }],
  [[1, 5, 4, 2], [3, 1, 2, 3], { stride: 2, padding: [1, 0], groups: 1 }],
  [[1, 6, 7, 1], [5, 5, 1, 2], { stride: 2, padding: [2, 2], groups: 1 }],
  [[1, 5, 5, 4], [3, 3, 2, 6], { stride: 1, padding: [1, 1], groups: 2 }],
  [[1, 6, 6, 6], [3, 3, 2, 3], { stride: 2, padding: [1, 1], groups: 3 }],
  [[1, 5, 5, 3], [3, 3, 1, 3], { stride: 1, padding: [1, 1], groups: 3 }],
  [[1, 6, 6, 3], [3, 3, 1, 6], { stride: 2, padding: [1, 1], groups: 3 }],
  [[2, 1, 1, 3], [3, 3, 3, 2], { stride: 1, padding: [1, 1], groups: 1 }],
];

for (const [index, [x, kernel, attributes]] of cases.entries()) {
  const { stride, padding, groups } = attributes;
  test(`convolves images ${x.join('x')} with ${kernel.join('x')}, stride ${stride}, padding ${padding}, groups ${groups}`, (t) => {
    assertDifferentiates(t, 'convolve', {
      op: ([images, weights]) => convolve(images as tf.Tensor4D, weights as tf.Tensor4D, attributes),
      naive: ([images, weights]) => naive.convolution(images as naive.Array64, weights as naive.Array64, attributes),
      inputs: [values(2 * index, x), values(2 * index + 1, kernel)],
    });
  });
}

test('does not compute the gradient of images that nobody watches', async (t) => {
  const images = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
  const kernel = tf.ones<tf.Rank.R4>([3, 3, 2, 2]);
  const { kernelNames } = await tf.profile(() =>
    tf.grad((weights) => tf.sum(convolve(images, weights as tf.Tensor4D, { stride: 1, padding: [1, 1], groups: 1 })))(
      kernel,
    ),
  );
  t.true(kernelNames.includes(KERNELS.convolutionKernelGradient));
  t.false(kernelNames.includes(KERNELS.convolutionInputGradient));
});

test('says what does not fit together', (t) => {
  const images = tf.ones<tf.Rank.R4>([1, 4, 4, 3]);
  const plain = { stride: 1, padding: [0, 0] as const, groups: 1 };
  t.throws(() => convolve(images, tf.ones([3, 3, 2, 4]), plain), {
    message: /reads 2 channels in each of 1 groups, the images have 3/,
  });
  t.throws(() => convolve(images, tf.ones([3, 3, 1, 4]), { ...plain, groups: 3 }), { message: /groups must divide/ });
  t.throws(() => convolve(images, tf.ones([5, 5, 3, 4]), plain), { message: /larger than the padded images/ });
});
