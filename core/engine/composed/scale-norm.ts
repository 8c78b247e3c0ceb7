import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type ScaleNormAttributes } from '../kernels.js';
import { channelMoments, channelSum } from './moments.js';
import { composed, differentiable, runKernel } from '../registry.js';

/**
 * The part of a training batch-norm that depends on the position: y = u · γ / √(v + ε) for u `[N,H,W,C]`, γ `[C]` and v the
 * biased variance over N, H, W; with it the moments `[2,C]` (mean, variance). Differentiable in u and γ, through v, but not
 * through the moments. The shift β − μγ/√(v + ε) is left out: it is one constant for the whole map, its border included.
 */
export function scaleNorm(
  u: tf.Tensor4D,
  gamma: tf.Tensor1D,
  epsilon: number,
): { y: tf.Tensor4D; moments: tf.Tensor2D } {
  const attributes: ScaleNormAttributes = { epsilon };
  const [y, moments] = runKernel<tf.Tensor[]>(KERNELS.scaleNorm, { u, gamma }, attributes);
  return { y: y as tf.Tensor4D, moments: moments as tf.Tensor2D };
}

const forward = composed<{ u: tf.Tensor4D; gamma: tf.Tensor1D }, ScaleNormAttributes>(
  KERNELS.scaleNorm,
  ({ u, gamma }, { epsilon }) => {
    const { mean, variance } = channelMoments(u);
    return [tf.mul(u, tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)))), tf.stack([mean, variance])];
  },
);

/** With û = (u − μ)/σ and S = Σ dy·u/σ over N, H, W: du = γ/σ · (dy − û S/M), dγ = S. */
const inputGradients = composed<
  { dy: tf.Tensor4D; u: tf.Tensor4D; gamma: tf.Tensor1D; moments: tf.Tensor2D },
  ScaleNormAttributes
>(KERNELS.scaleNormGradient, ({ dy, u, gamma, moments }, { epsilon }) => {
  const [mean, variance] = tf.unstack(moments) as [tf.Tensor1D, tf.Tensor1D];
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const sum: tf.Tensor1D = tf.mul(channelSum(tf.mul(dy, u)), inverse);
  const count = u.size / u.shape[3];
  const pull = tf.mul(tf.sub(u, mean), tf.mul(inverse, tf.div(sum, count)));
  return [tf.mul(tf.sub(dy, pull), tf.mul(gamma, inverse)), sum];
});

const gradient = differentiable<ScaleNormAttributes>({
  name: KERNELS.scaleNorm,
  inputsToSave: ['u', 'gamma'],
  outputsToSave: [false, true],
  gradient: (dy, saved, attributes) => {
    const [u, gamma, moments] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const inputs = { dy, u, gamma, moments };
    const [du, dgamma] = runKernel<tf.Tensor[]>(KERNELS.scaleNormGradient, inputs, attributes) as [
      tf.Tensor,
      tf.Tensor,
    ];
    return { u: () => du, gamma: () => dgamma };
  },
});

export const scaleNormalisation = { kernels: [forward, inputGradients], gradients: [gradient] };
