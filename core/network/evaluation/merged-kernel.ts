import * as tf from '@tensorflow/tfjs-core';
import type { TracedKernel } from './kernel-trace.js';
import { taps } from './windows.js';

/**
 * Σ_b scale_b · W_b as one kernel `[K, K, C, O]`, for kernels of several windows and a row `[O]` of `scale` `[B, O]` for each.
 * Products with constant matrices repeat the scales and put taps into their places, so that gradients are products too.
 */
export function mergedKernel(kernels: readonly TracedKernel[], scale: tf.Tensor2D, size: number): tf.Tensor4D {
  const outputs = scale.shape[1];
  const all = tf.concat2d(
    kernels.map(({ value }) => value),
    0,
  );
  const counts = kernels.map(({ window }) => (window.pooled ? 1 : window.height * window.width));
  const parts = counts.reduce((sum, count) => sum + count, 0);
  const channels = all.shape[0] / parts;
  const scales = tf.matMul(tf.tensor2d(repetition(counts, channels), [parts * channels, kernels.length]), scale);
  const scaled = tf.reshape(tf.mul(all, scales), [parts, channels * outputs]);
  const places = tf.tensor2d(placement(kernels, size), [size ** 2, parts]);
  return tf.reshape(tf.matMul(places, scaled), [size, size, channels, outputs]) as tf.Tensor4D;
}

/** Column b holds ones in the rows of kernel b. */
function repetition(counts: readonly number[], channels: number): Float32Array {
  const owners = counts.flatMap((count, index) => new Array<number>(count * channels).fill(index));
  const matrix = new Float32Array(owners.length * counts.length);
  for (const [row, owner] of owners.entries()) matrix[row * counts.length + owner] = 1;
  return matrix;
}

/** Row t says which kernels' taps lie at tap t of KxK; a pooled kernel lies at all of them, divided among them. */
function placement(kernels: readonly TracedKernel[], size: number): Float32Array {
  const columns = kernels.flatMap(({ window }) => {
    const places = taps(window, size).map(([row, column]) => row * size + column);
    return window.pooled ? [places] : places.map((place) => [place]);
  });
  const matrix = new Float32Array(size ** 2 * columns.length);
  for (const [column, places] of columns.entries()) {
    for (const place of places) matrix[place * columns.length + column] = 1 / places.length;
  }
  return matrix;
}
