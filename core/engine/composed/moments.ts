import * as tf from '@tensorflow/tfjs-core';

/** Sum over everything but the channels: `[N,H,W,C]` to `[C]`. */
export const channelSum = (x: tf.Tensor4D): tf.Tensor1D => tf.sum(x, [0, 1, 2]);

/** Mean and biased variance of every channel, `[C]` each. */
export function channelMoments(x: tf.Tensor4D): { mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const mean: tf.Tensor1D = tf.mean(x, [0, 1, 2]);
  return { mean, variance: tf.mean(tf.squaredDifference(x, mean), [0, 1, 2]) };
}
