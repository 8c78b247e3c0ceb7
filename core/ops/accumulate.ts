import * as tf from '@tensorflow/tfjs-core';
import { type AccumulateAttributes, KERNELS } from './kernels.js';
import { composed, runKernel } from './registry.js';

/** a + b, of one shape; over a where the engine can. Takes a over, which is gone or is the result. Has no gradient. */
export function accumulate(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [sum] = runKernel<tf.Tensor[]>(KERNELS.accumulate, { a, b });
  if (!sum) return a;
  a.dispose();
  return sum;
}

const forward = composed<{ a: tf.Tensor; b: tf.Tensor }, AccumulateAttributes>(KERNELS.accumulate, ({ a, b }) => [
  tf.add(a, b),
]);

export const accumulation = { kernels: [forward], gradients: [] };
