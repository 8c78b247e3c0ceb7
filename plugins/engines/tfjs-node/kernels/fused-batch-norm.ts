import * as tf from '@tensorflow/tfjs-core';
import { type NodeBackend, type Operation, operate } from '../backend.js';

// The second version of both operations: the third keeps a space of cuDNN's from the forward to the backward pass besides.
const FORWARD: Operation = { name: 'FusedBatchNormV2', types: ['T', 'U'], outputs: 5 };
const GRADIENT: Operation = { name: 'FusedBatchNormGradV2', types: ['T', 'U'], outputs: 5 };

const attributesOf = (epsilon: number, training: boolean) => ({
  epsilon,
  data_format: 'NHWC',
  is_training: training,
});

export const pixelsOf = ([images, height, width]: readonly [number, number, number, number]): number =>
  images * height * width;

/** A training batch-norm of u `[N,H,W,C]` by scale and offset `[C]`: y, and mean and biased variance of the batch, `[C]`. */
export function normalise(
  backend: NodeBackend,
  u: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  // In training it wants running statistics that are empty.
  const none = tf.tensor1d([], 'float32');
  const inputs = [u, scale, offset, none, none];
  const [y, mean, unbiased] = operate(backend, FORWARD, inputs, attributesOf(epsilon, true)) as [
    tf.Tensor4D,
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  const pixels = pixelsOf(u.shape);
  return { y, mean, variance: tf.mul(unbiased, (pixels - 1) / pixels) };
}

/** scale · (u − mean) / √(variance + epsilon) + offset, all but u and the result `[N,H,W,C]` of shape `[C]`. */
export function normaliseBy(
  backend: NodeBackend,
  u: tf.Tensor4D,
  [scale, offset]: readonly [tf.Tensor1D, tf.Tensor1D],
  [mean, variance]: readonly [tf.Tensor1D, tf.Tensor1D],
  epsilon: number,
): tf.Tensor4D {
  const inputs = [u, scale, offset, mean, variance];
  return operate(backend, FORWARD, inputs, attributesOf(epsilon, false))[0] as tf.Tensor4D;
}

/** What of dy flows through {@link normalise} into u, scale and offset, given the moments `[2,C]` (mean, biased variance). */
export function normaliseGradient(
  backend: NodeBackend,
  dy: tf.Tensor4D,
  u: tf.Tensor4D,
  scale: tf.Tensor1D,
  [mean, variance]: readonly [tf.Tensor1D, tf.Tensor1D],
  epsilon: number,
): { du: tf.Tensor4D; dscale: tf.Tensor1D; doffset: tf.Tensor1D } {
  // cuDNN keeps, and wants back, the inverse of the deviation.
  const spread = backend.isUsingGpuDevice ? tf.rsqrt(tf.add(variance, epsilon)) : variance;
  const [du, dscale, doffset] = operate(
    backend,
    GRADIENT,
    [dy, u, scale, mean, spread],
    attributesOf(epsilon, true),
  ) as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
  return { du, dscale, doffset };
}
