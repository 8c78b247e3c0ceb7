import * as tf from '@tensorflow/tfjs-core';
import { type AccumulateAttributes, KERNELS } from '../kernels.js';
import { composed, runReplacing } from '../registry.js';

/** a + b, of one shape; over a where the engine can. Takes a over, which is gone or is the result. Has no gradient. */
export function accumulate(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return runReplacing(KERNELS.accumulate, { a, b }, {}, [a])[0] as tf.Tensor;
}

const forward = composed<{ a: tf.Tensor; b: tf.Tensor }, AccumulateAttributes>(KERNELS.accumulate, ({ a, b }) => [
  tf.add(a, b),
]);

export const accumulation = { kernels: [forward], gradients: [] };
