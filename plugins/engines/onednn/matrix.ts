import type { OneDnnBackend } from './backend.js';
import { succeed } from './runtime.js';

const [NORMAL, TRANSPOSED] = ['N', 'T'].map((letter) => letter.charCodeAt(0)) as [number, number];

/** A matrix, rows in order, as a product reads it: `rows` and `columns` are those after transposing. */
export interface Operand {
  readonly values: Float32Array;
  readonly transposed: boolean;
}

/**
 * c `[rows,columns]` = a `[rows,inner]` · b `[inner,columns]`, added to what c holds where asked to.
 * @throws Error where an array is not of its size.
 */
export function multiply(
  { runtime }: OneDnnBackend,
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
  a: Operand,
  b: Operand,
  c: Float32Array,
  accumulate = false,
): void {
  const sizes = [
    ['a', a.values.length, rows * inner],
    ['b', b.values.length, inner * columns],
    ['c', c.length, rows * columns],
  ] as const;
  for (const [name, found, expected] of sizes) {
    if (found !== expected || expected === 0)
      throw new Error(`product [${rows},${inner},${columns}]: ${name} holds ${found} values, expected ${expected}`);
  }
  const status = runtime.uninterrupted(() =>
    runtime.functions.sgemm(
      a.transposed ? TRANSPOSED : NORMAL,
      b.transposed ? TRANSPOSED : NORMAL,
      rows,
      columns,
      inner,
      1,
      a.values,
      a.transposed ? rows : inner,
      b.values,
      b.transposed ? inner : columns,
      accumulate ? 1 : 0,
      c,
      columns,
    ),
  );
  succeed(`product [${rows},${inner},${columns}]`, status);
}
