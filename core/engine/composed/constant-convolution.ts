import * as tf from '@tensorflow/tfjs-core';
import { type ConstantConvolutionAttributes, KERNELS } from '../kernels.js';
import { composed, runKernel } from '../registry.js';

/**
 * Convolves a map that holds the same value `[C]` everywhere, beyond the border too, with a kernel
 * `[KH,KW,C/groups,O]`. Returns the value `[O]` that the result holds everywhere. Has no gradient.
 */
export const convolveConstant = (constant: tf.Tensor1D, kernel: tf.Tensor4D, groups: number): tf.Tensor1D =>
  runKernel<tf.Tensor1D>(KERNELS.constantConvolution, { constant, kernel }, { groups });

const forward = composed<{ constant: tf.Tensor1D; kernel: tf.Tensor4D }, ConstantConvolutionAttributes>(
  KERNELS.constantConvolution,
  ({ constant, kernel }, { groups }) => {
    const summed = tf.reshape(tf.sum(kernel, [0, 1]), [-1, groups, kernel.shape[3] / groups]);
    // `[groups, 1, C/groups]` with `[groups, C/groups, O/groups]`.
    const perGroup = tf.matMul(tf.reshape(constant, [groups, 1, -1]), tf.transpose(summed, [1, 0, 2]));
    return tf.reshape(perGroup, [-1]);
  },
);

export const constantConvolutions = { kernels: [forward], gradients: [] };
