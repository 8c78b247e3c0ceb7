import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type RunningStatisticsAttributes } from './kernels.js';
import { composed, runKernel } from './registry.js';

/**
 * A batch-norm's running statistics `[2,C]` (mean, variance) after one more batch, as PyTorch: the variance is unbiased. The
 * `constant` `[C]` is added to the batch's mean. Has no gradient.
 */
export function runningStatistics(
  running: tf.Tensor2D,
  moments: tf.Tensor2D,
  constant: tf.Tensor1D | undefined,
  attributes: RunningStatisticsAttributes,
): tf.Tensor2D {
  const inputs = { running, moments, ...(constant && { constant }) };
  return runKernel<tf.Tensor2D>(KERNELS.runningStatistics, inputs, attributes);
}

const forward = composed<
  { running: tf.Tensor2D; moments: tf.Tensor2D; constant: tf.Tensor1D },
  RunningStatisticsAttributes
>(KERNELS.runningStatistics, ({ running, moments, constant }, { momentum, count }) => {
  const [mean, variance] = tf.unstack(moments) as [tf.Tensor1D, tf.Tensor1D];
  const shifted = constant ? tf.add(mean, constant) : mean;
  const batch = tf.stack([shifted, tf.mul(variance, count / Math.max(1, count - 1))]);
  return tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum));
});

export const runningStatisticsUpdates = { kernels: [forward], gradients: [] };
