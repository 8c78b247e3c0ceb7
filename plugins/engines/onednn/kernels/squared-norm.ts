import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type SquaredNormAttributes } from '../../../../core/engine/kernels.js';
import { addProducts } from '../matrix.js';
import { kernel } from './register.js';

/** From here on a product of matrices beats a loop. */
const LARGE = 2 ** 14;
/**
 * Columns of the matrix X that a long row is read as: the diagonal of XᵀX has the sums of their squares. The rest of so small a
 * product costs less than a second pass would.
 */
const COLUMNS = 16;

export const squaredNorm = kernel<readonly tf.TensorInfo[], SquaredNormAttributes>(
  KERNELS.squaredNorm,
  (backend, tensors) => {
    const y = backend.output([]);
    let total = 0;
    const products = new Float32Array(COLUMNS * COLUMNS);
    const into = { values: products, start: 0, stride: COLUMNS };
    addProducts(backend, (add) => {
      for (const tensor of Object.values(tensors)) {
        const values = backend.floats(tensor, KERNELS.squaredNorm, 'a tensor');
        const rows = values.length < LARGE ? 0 : Math.floor(values.length / COLUMNS);
        const x = { values, start: 0, stride: COLUMNS };
        if (rows > 0) add([COLUMNS, rows, COLUMNS], x, x, into, 'a');
        total += squaresInLoop(values, rows * COLUMNS);
      }
    });
    for (let column = 0; column < COLUMNS; column++) total += products[column * (COLUMNS + 1)] as number;
    y.values[0] = total;
    return y.info;
  },
);

function squaresInLoop(x: Float32Array, from: number): number {
  let total = 0;
  for (let at = from; at < x.length; at++) total += (x[at] as number) * (x[at] as number);
  return total;
}
