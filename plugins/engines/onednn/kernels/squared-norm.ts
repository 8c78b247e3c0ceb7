import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type SquaredNormAttributes } from '../../../../core/ops/kernels.js';
import { ALGORITHM } from '../abi.js';
import type { OneDnnBackend } from '../backend.js';
import { map } from '../elementwise.js';
import { sum } from './reductions.js';
import { kernel } from './register.js';

export const squaredNorm = kernel<readonly tf.TensorInfo[], SquaredNormAttributes>(
  KERNELS.squaredNorm,
  (backend, tensors) => {
    const y = backend.output([]);
    let total = 0;
    for (const tensor of Object.values(tensors)) {
      total += squares(backend, backend.floats(tensor, KERNELS.squaredNorm, 'a tensor'));
    }
    y.values[0] = total;
    return y.info;
  },
);

/** Columns of the matrix that a long row is summed as: its rows by the library, what is left by a loop. */
const COLUMNS = 256;
/** From here on calls of the library beat a loop. */
const LARGE = 4096;
/** Rows at once, so that their squares are summed while they are in the cache. */
const ROWS = 256;

/** Sum of the squares of all values. */
function squares(backend: OneDnnBackend, x: Float32Array): number {
  if (x.length < LARGE) return squaresInLoop(x, 0);
  const whole = x.length - (x.length % COLUMNS);
  let total = squaresInLoop(x, whole);
  for (let from = 0; from < whole; from += ROWS * COLUMNS) {
    const part = x.subarray(from, Math.min(whole, from + ROWS * COLUMNS));
    backend.scratch(part.length, (squared) => {
      map(backend, ALGORITHM.square, part.length).run(part, squared);
      backend.scratch(COLUMNS, (sums) => {
        sum(backend, squared, [1, part.length / COLUMNS, COLUMNS], sums);
        for (const column of sums) total += column;
      });
    });
  }
  return total;
}

function squaresInLoop(x: Float32Array, from: number): number {
  let total = 0;
  for (let at = from; at < x.length; at++) total += (x[at] as number) * (x[at] as number);
  return total;
}
