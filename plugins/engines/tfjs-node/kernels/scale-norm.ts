import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type ScaleNormAttributes } from '../../../../core/engine/index.js';
import { normalise, normaliseBy, normaliseGradient, pixelsOf } from './fused-batch-norm.js';
import { kernel } from './register.js';

/** Of the batch-norm only the moments are taken: its own output has the mean in it. */
const forward = kernel<{ u: tf.Tensor4D; gamma: tf.Tensor1D }, ScaleNormAttributes>(
  KERNELS.scaleNorm,
  ({ u, gamma }, { epsilon }, backend) => {
    if (pixelsOf(u.shape) < 2) return undefined;
    const { mean, variance } = normalise(backend, u, gamma, gamma, epsilon);
    return [tf.mul(u, tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)))), tf.stack([mean, variance])];
  },
);

interface GradientInputs {
  readonly dy: tf.Tensor4D;
  readonly u: tf.Tensor4D;
  readonly gamma: tf.Tensor1D;
  readonly moments: tf.Tensor2D;
}

/**
 * TensorFlow's du is γ/σ · (dy − D/M − û G/M) with D = Σ dy and G = Σ dy·û. Ours keeps the mean of dy, and its
 * S = G + Dμ/σ stands where G does: what is missing is γ/σ · D/M · (1 − û μ/σ), itself a batch-norm of u.
 */
const inputGradients = kernel<GradientInputs, ScaleNormAttributes>(
  KERNELS.scaleNormGradient,
  ({ dy, u, gamma, moments }, { epsilon }, backend) => {
    const pixels = pixelsOf(u.shape);
    if (pixels < 2) return undefined;
    const statistics = tf.unstack(moments) as [tf.Tensor1D, tf.Tensor1D];
    const [mean, variance] = statistics;
    const { du, dscale, doffset } = normaliseGradient(backend, dy, u, gamma, statistics, epsilon);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const centre: tf.Tensor1D = tf.mul(mean, inverse);
    const missing: tf.Tensor1D = tf.mul(tf.mul(gamma, inverse), tf.div(doffset, pixels));
    const rest = normaliseBy(backend, u, [tf.neg(tf.mul(missing, centre)), missing], statistics, epsilon);
    return [tf.add(du, rest), tf.add(dscale, tf.mul(doffset, centre))];
  },
);

export const scaleNorms = [forward, inputGradients];
