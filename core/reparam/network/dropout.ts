import * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../../contracts/random.js';

/** Zeroes the given fraction of values and scales the others up to keep the mean. */
export function dropout(x: tf.Tensor, rate: number, random: () => RandomStream): tf.Tensor {
  if (rate === 0) return x;
  const stream = random();
  const keep = Float32Array.from({ length: x.size }, () => (stream.uniform() < rate ? 0 : 1 / (1 - rate)));
  return tf.mul(x, tf.tensor(keep, x.shape));
}
