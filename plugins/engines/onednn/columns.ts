import { ALGORITHM } from './ffi/constants.js';
import type { OneDnnBackend } from './backend.js';
import { ACCUMULATE, binary, channels, imagesOf } from './elementwise.js';
import { sum } from './kernels/reductions.js';

// Matrices `[rows, columns]` whose columns are scaled and multiplied: kernels, a column for each output channel.

/** From here on calls of the library beat a loop. */
const LARGE = 2048;

/** to = factors[column] · from, added to what is there where asked to. `to` may be `from`. */
export function scaleColumns(
  backend: OneDnnBackend,
  from: Float32Array,
  factors: Float32Array,
  to: Float32Array,
  add = false,
): void {
  const columns = factors.length;
  if (from.length < LARGE) {
    for (let at = 0, column = 0; at < from.length; at++) {
      const scaled = (from[at] as number) * (factors[column] as number);
      to[at] = add ? (to[at] as number) + scaled : scaled;
      if (++column === columns) column = 0;
    }
    return;
  }
  const matrix = imagesOf([1, 1, from.length / columns, columns]);
  binary(backend, ALGORITHM.multiply, matrix, channels(columns), add ? [ACCUMULATE] : []).run(from, factors, to);
}

export function doubled(values: Float32Array): Float32Array {
  const twice = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) twice[at] = 2 * (values[at] as number);
  return twice;
}

/** to[column] = Σ a·b over the rows. */
export function columnProducts(backend: OneDnnBackend, a: Float32Array, b: Float32Array, to: Float32Array): void {
  const columns = to.length;
  if (a.length < LARGE) {
    to.fill(0);
    for (let at = 0, column = 0; at < a.length; at++) {
      to[column] = (to[column] as number) + (a[at] as number) * (b[at] as number);
      if (++column === columns) column = 0;
    }
    return;
  }
  const matrix = imagesOf([1, 1, a.length / columns, columns]);
  backend.scratch(a.length, (products) => {
    binary(backend, ALGORITHM.multiply, matrix, matrix).run(a, b, products);
    sum(backend, products, [1, a.length / columns, columns], to);
  });
}
