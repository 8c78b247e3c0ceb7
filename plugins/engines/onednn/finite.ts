import type { OneDnnBackend } from './backend.js';
import { binary, row } from './elementwise.js';
import { ALGORITHM } from './ffi/constants.js';
import { multiply, plain } from './matrix.js';

// The library's maxima, exponentials and softmax make numbers of NaN: the processor's maximum gives its second operand where one is
// NaN. ReLU is therefore the maximum of 0 and x, in that order; what has no such form is looked over first, by sums, and computed in a
// loop where it is not finite.

/** Values of one sum, short enough that sums of ordinary values do not overflow. */
const ROW = 1024;
/** From here on a product with a vector of ones beats a loop. */
const LARGE = 2048;
/** Values of one call of the maximum: the zeros that it reads stay in the second-level cache. */
const PART = 2 ** 18;
/** From here on a call of the library beats a loop. */
const LEAST = 2048;

const ones = new Float32Array(ROW).fill(1);
const zeros = new Float32Array(PART);

/** False if one of the values is NaN or infinite, or if they are so large that their sum is. */
export function allFinite(backend: OneDnnBackend, values: Float32Array): boolean {
  const rows = values.length < LARGE ? 0 : Math.floor(values.length / ROW);
  if (rows > 0 && !sumsAreFinite(backend, values.subarray(0, rows * ROW), rows)) return false;
  return areFinite(values, rows * ROW);
}

const sumsAreFinite = (backend: OneDnnBackend, values: Float32Array, rows: number): boolean =>
  backend.scratch(rows, (sums) => {
    multiply(backend, [rows, ROW, 1], plain(values), plain(ones), sums);
    return areFinite(sums, 0);
  });

/** True if all values from one on give 0 times 0, as only finite ones do. In four sums, which do not wait for each other. */
function areFinite(values: Float32Array, from: number): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = from;
  for (; at + 4 <= values.length; at += 4) {
    a += (values[at] as number) * 0;
    b += (values[at + 1] as number) * 0;
    c += (values[at + 2] as number) * 0;
    d += (values[at + 3] as number) * 0;
  }
  for (; at < values.length; at++) a += (values[at] as number) * 0;
  return a + b + c + d === 0;
}

/** y = max(0, x), NaN where x is; y may be x. */
export function rectify(backend: OneDnnBackend, x: Float32Array, y: Float32Array): void {
  if (x.length < LEAST) {
    rectifyInLoop(x, y);
    return;
  }
  for (let from = 0; from < x.length; from += PART) {
    const length = Math.min(PART, x.length - from);
    const maximum = binary(backend, ALGORITHM.maximum, row(length), row(length));
    const [given, made] = length === x.length ? [x, y] : [x, y].map((all) => all.subarray(from, from + length));
    maximum.run(zeros.subarray(0, length), given as Float32Array, made as Float32Array);
  }
}

/** The same value by value. */
export function rectifyInLoop(x: Float32Array, y: Float32Array): void {
  for (let at = 0; at < x.length; at++) y[at] = Math.max(0, x[at] as number);
}
