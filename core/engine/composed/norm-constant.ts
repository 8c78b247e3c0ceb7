import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type NormConstantAttributes } from '../kernels.js';
import { composed, runKernel } from '../registry.js';

/**
 * Returns β − μγ/√(v + ε), a batch-norm's answer to zero, from its moments `[2, C]` (mean, variance): `[C]`. Has no
 * gradient.
 */
export const normConstant = (
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  moments: tf.Tensor2D,
  epsilon: number,
): tf.Tensor1D => runKernel<tf.Tensor1D>(KERNELS.normConstant, { gamma, beta, moments }, { epsilon });

const forward = composed<{ gamma: tf.Tensor1D; beta: tf.Tensor1D; moments: tf.Tensor2D }, NormConstantAttributes>(
  KERNELS.normConstant,
  ({ gamma, beta, moments }, { epsilon }) => {
    const [mean, variance] = tf.unstack(moments) as [tf.Tensor1D, tf.Tensor1D];
    return tf.sub(beta, tf.mul(mean, tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)))));
  },
);

export const normConstants = { kernels: [forward], gradients: [] };
