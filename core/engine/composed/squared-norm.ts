import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type SquaredNormAttributes } from '../kernels.js';
import { composed, runKernel } from '../registry.js';

/** Sum of the squares of all values of all tensors, a scalar; 0 for none. Has no gradient. */
export const squaredNorm = (tensors: readonly tf.Tensor[]): tf.Scalar =>
  tensors.length === 0 ? tf.scalar(0) : runKernel<tf.Scalar>(KERNELS.squaredNorm, tensors);

const forward = composed<readonly tf.Tensor[], SquaredNormAttributes>(KERNELS.squaredNorm, (tensors) =>
  tf.addN(Object.values(tensors).map((tensor) => tf.tidy(() => tf.sum(tf.square(tensor))))),
);

export const squaredNorms = { kernels: [forward], gradients: [] };
