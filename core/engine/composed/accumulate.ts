import * as tf from '@tensorflow/tfjs-core';
import { type AccumulateAttributes, KERNELS } from '../kernels.js';
import { composed, runReplacing } from '../registry.js';

/** Returns a + b, of one shape, written over a if the engine can. Takes ownership of a. Has no gradient. */
export function accumulate(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return runReplacing(KERNELS.accumulate, { a, b }, {}, [a])[0] as tf.Tensor;
}

const forward = composed<{ a: tf.Tensor; b: tf.Tensor }, AccumulateAttributes>(KERNELS.accumulate, ({ a, b }) => [
  tf.add(a, b),
]);

export const accumulation = { kernels: [forward], gradients: [] };
