import * as tf from '@tensorflow/tfjs-core';
import { multiply } from '../matrix.js';
import { sizeOf } from './geometry.js';
import { fallback, kernelOfProducts } from './register.js';

interface Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Products of matrices, as many on both sides or one for all of the other; other broadcasts are left to TensorFlow.js. */
const batchMatMul = kernelOfProducts<{ a: tf.TensorInfo; b: tf.TensorInfo }, Attributes>(
  tf.BatchMatMul,
  (backend, inputs, attributes) => {
    const { a, b } = inputs;
    const { transposeA, transposeB } = attributes;
    const [batch, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    if (
      a.dtype !== 'float32' ||
      b.dtype !== 'float32' ||
      !(tf.util.arraysEqual(batch, batchB) || sizeOf(batch) === 1 || sizeOf(batchB) === 1)
    )
      return fallback(tf.BatchMatMul, backend, { ...inputs }, attributes);
    const [rows, inner] = ends(a.shape, transposeA);
    const [innerB, columns] = ends(b.shape, transposeB);
    if (inner !== innerB)
      throw new Error(`${tf.BatchMatMul}: a [${a.shape}] and b [${b.shape}] do not share their inner length`);
    const [left, right] = [backend.floats(a, tf.BatchMatMul, 'a'), backend.floats(b, tf.BatchMatMul, 'b')];
    const outer = sizeOf(batch) === 1 ? batchB : batch;
    const y = backend.output([...outer, rows, columns]);
    if (y.values.length === 0) return y.info;
    if (inner === 0) {
      y.values.fill(0);
      return y.info;
    }
    for (let index = 0; index < sizeOf(outer); index++) {
      const part = (array: Float32Array, size: number) =>
        array.length === size ? array : array.subarray(index * size, (index + 1) * size);
      multiply(
        backend,
        [rows, inner, columns],
        { values: part(left, rows * inner), transposed: transposeA },
        { values: part(right, inner * columns), transposed: transposeB },
        part(y.values, rows * columns),
      );
    }
    return y.info;
  },
);

const ends = (shape: readonly number[], transposed: boolean): [number, number] => {
  const [first, second] = shape.slice(-2) as [number, number];
  return transposed ? [second, first] : [first, second];
};

export const matrixProducts = [batchMatMul];
