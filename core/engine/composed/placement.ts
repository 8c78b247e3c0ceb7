import * as tf from '@tensorflow/tfjs-core';

/** Returns `[K², n]`: the positions of a branch's taps in KxK. */
export function placement(places: readonly (readonly number[])[], size: number): tf.Tensor2D {
  const matrix = new Float32Array(size ** 2 * places.length);
  for (const [column, own] of places.entries()) {
    for (const place of own) matrix[place * places.length + column] = 1 / own.length;
  }
  return tf.tensor2d(matrix, [size ** 2, places.length]);
}
