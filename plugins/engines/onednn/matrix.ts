import type { OneDnnBackend } from './backend.js';
import { succeed } from './ffi/status.js';
import type { Runtime } from './runtime.js';

const [NORMAL, TRANSPOSED] = ['N', 'T'].map((letter) => letter.charCodeAt(0)) as [number, number];

/** A matrix, rows in order, as a product reads it: `rows` and `columns` are those after transposing. */
export interface Operand {
  readonly values: Float32Array;
  readonly transposed: boolean;
}

/** Part of an array that a product reads or writes: rows of it `stride` values apart, the first at `start`. */
export interface Block {
  readonly values: Float32Array;
  readonly start: number;
  readonly stride: number;
}

/** Which factor of a product lies transposed, if any. */
export type Transposed = 'neither' | 'a' | 'b';

/** c `[rows,columns]` = a `[rows,inner]` · b `[inner,columns]`, or added to what c holds. */
export type Product = (
  sizes: readonly [rows: number, inner: number, columns: number],
  a: Block,
  b: Block,
  c: Block,
  transposed: Transposed,
) => void;

type Products = (backend: OneDnnBackend, work: (product: Product) => void) => void;

/** Many small products in a row, each written over c. @throws Error where a block does not lie within its array. */
export const setProducts: Products = ({ runtime }, work) => inARow(runtime, work, 0);

/** Many small products in a row, each added to c. @throws Error where a block does not lie within its array. */
export const addProducts: Products = ({ runtime }, work) => inARow(runtime, work, 1);

const inARow = (runtime: Runtime, work: (product: Product) => void, beta: 0 | 1): void =>
  runtime.uninterrupted(() =>
    work((sizes, a, b, c, transposed) => partsProduct(runtime, sizes, a, b, c, transposed, beta)),
  );

function partsProduct(
  runtime: Runtime,
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
  a: Block,
  b: Block,
  c: Block,
  transposed: Transposed,
  beta: 0 | 1,
): void {
  const [ofA, ofB] = [transposed === 'a', transposed === 'b'];
  const first = ofA ? part('a', a, inner, rows) : part('a', a, rows, inner);
  const second = ofB ? part('b', b, columns, inner) : part('b', b, inner, columns);
  const third = part('c', c, rows, columns);
  gemm(runtime, rows, inner, columns, first, ofA, a.stride, second, ofB, b.stride, third, c.stride, beta);
}

function part(name: string, { values, start, stride }: Block, rows: number, columns: number): Float32Array {
  const end = start + (rows - 1) * stride + columns;
  if (!(rows > 0 && columns > 0 && start >= 0 && stride >= columns && end <= values.length))
    throw new Error(
      `product: ${name} asks for ${rows} rows of ${columns}, ${stride} apart, from ${start} on; there are ${values.length} values`,
    );
  return start === 0 && end === values.length ? values : values.subarray(start, end);
}

/**
 * c `[rows,columns]` = a `[rows,inner]` · b `[inner,columns]`, added to what c holds where asked to.
 * @throws Error where an array is not of its size.
 */
export function multiply(
  { runtime }: OneDnnBackend,
  sizes: readonly [rows: number, inner: number, columns: number],
  a: Operand,
  b: Operand,
  c: Float32Array,
  accumulate = false,
): void {
  // By their places: taking a tuple apart makes an object for each until V8 has compiled this.
  const rows = sizes[0];
  const inner = sizes[1];
  const columns = sizes[2];
  const check = (name: string, found: number, expected: number): void => {
    if (found !== expected || expected === 0)
      throw new Error(`product [${rows},${inner},${columns}]: ${name} holds ${found} values, expected ${expected}`);
  };
  check('a', a.values.length, rows * inner);
  check('b', b.values.length, inner * columns);
  check('c', c.length, rows * columns);
  const strideA = a.transposed ? rows : inner;
  const strideB = b.transposed ? inner : columns;
  const beta = accumulate ? 1 : 0;
  runtime.uninterrupted(() =>
    gemm(
      runtime,
      rows,
      inner,
      columns,
      a.values,
      a.transposed,
      strideA,
      b.values,
      b.transposed,
      strideB,
      c,
      columns,
      beta,
    ),
  );
}

/** c = a · b + beta · c. Lengths are checked by whoever calls. */
function gemm(
  { functions }: Runtime,
  rows: number,
  inner: number,
  columns: number,
  a: Float32Array,
  transposedA: boolean,
  strideA: number,
  b: Float32Array,
  transposedB: boolean,
  strideB: number,
  c: Float32Array,
  strideC: number,
  beta: 0 | 1,
): void {
  const [first, second] = [transposedA ? TRANSPOSED : NORMAL, transposedB ? TRANSPOSED : NORMAL];
  const status = functions.sgemm(first, second, rows, columns, inner, 1, a, strideA, b, strideB, beta, c, strideC);
  if (status !== 0) succeed(`product [${rows},${inner},${columns}]`, status);
}

/** Operands of products, as they lie and transposed. */
export const plain = (values: Float32Array): Operand => ({ values, transposed: false });
export const transposed = (values: Float32Array): Operand => ({ values, transposed: true });
