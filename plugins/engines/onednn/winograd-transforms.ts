import type { OneDnnBackend } from './backend.js';
import { productOf } from './batched-product.js';
import { dense, strided } from './descriptions.js';
import { setProducts } from './matrix.js';
import type { Primitive } from './primitive.js';
import type { Layout } from './reorder.js';
import { type Grid, result, SIDE, type Side, TILE } from './winograd-tiles.js';

// The ways into tiles and out of them as products of matrices, for all images and channels of a pixel at once: along the columns
// of pixels, which lie one behind the other, and along the rows.

/** Pixels `[height, width, values]` to `[36, down, across, values]`. */
export function intoTiles(
  backend: OneDnnBackend,
  { matrix, pixels, before }: Side,
  { height, width, down, across, values }: Grid,
  x: Float32Array,
  between: Float32Array,
  tiles: Float32Array,
): void {
  const row = width * values;
  /** The pixels of a tile that there are. */
  const within = (tile: number, length: number) => {
    const first = TILE * tile - before;
    const from = Math.max(0, first);
    return { from, count: Math.min(length, first + pixels) - from, skipped: from - first };
  };
  setProducts(backend, (set) => {
    for (let i = 0; i < down; i++) {
      const { from, count, skipped } = within(i, height);
      set(
        [SIDE, count, row],
        { values: matrix, start: skipped, stride: pixels },
        { values: x, start: from * row, stride: row },
        { values: between, start: i * row, stride: down * row },
        'neither',
      );
    }
  });
  for (let j = 0; j < across; j++) {
    const { from, count, skipped } = within(j, width);
    const lines = { values, rows: SIDE, inner: count, stride: pixels };
    const product = linesProduct(backend, lines, [down * row, values], tileStrides(down, across, values));
    for (let i = 0; i < down; i++)
      product.onto(
        matrix.subarray(skipped),
        between.subarray(i * row + from * values),
        tiles.subarray((i * across + j) * values),
      );
  }
}

/** Sums of products `[36, down, across, values]` to pixels `[height, width, values]`. */
export function outOfTiles(
  backend: OneDnnBackend,
  { height, width, down, across, values }: Grid,
  tiles: Float32Array,
  between: Float32Array,
  y: Float32Array,
): void {
  const row = width * values;
  for (let j = 0; j < across; j++) {
    const lines = { values, rows: Math.min(TILE, width - TILE * j), inner: SIDE, stride: SIDE };
    const product = linesProduct(backend, lines, tileStrides(down, across, values), [down * row, values]);
    for (let i = 0; i < down; i++)
      product.onto(result, tiles.subarray((i * across + j) * values), between.subarray(i * row + TILE * j * values));
  }
  setProducts(backend, (set) => {
    for (let i = 0; i < down; i++)
      set(
        [Math.min(TILE, height - TILE * i), SIDE, row],
        { values: result, start: 0, stride: SIDE },
        { values: between, start: i * row, stride: down * row },
        { values: y, start: TILE * i * row, stride: row },
        'neither',
      );
  });
}

/** Values from one product across rows to the next, and from one product along a row to the next. */
type Strides = readonly [side: number, along: number];

const tileStrides = (down: number, across: number, values: number): Strides => [
  SIDE * down * across * values,
  down * across * values,
];

interface Lines {
  readonly values: number;
  readonly rows: number;
  readonly inner: number;
  /** Of the matrix. */
  readonly stride: number;
}

/**
 * A matrix `[rows, inner]` times each of six matrices `[inner, values]`. Those of all rows of tiles at once would be a batch of
 * two axes, and of one factor for all of such a batch oneDNN 3.7 makes wrong products (brg_matmul:avx512_core).
 */
function linesProduct(backend: OneDnnBackend, { values, rows, inner, stride }: Lines, from: Strides, to: Strides) {
  const key = [values, rows, inner, stride, ...from, ...to];
  const product = backend.primitives.get('products of lines', key, (): Primitive => {
    const { runtime } = backend;
    /** Up to its last value: the library counts whole strides. */
    const layout = (shape: readonly number[], strides: readonly number[]): Layout => {
      const last = shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), 0);
      return { description: strided(runtime, shape, strides), whole: dense(runtime, [last + 1]) };
    };
    return productOf(
      runtime,
      `${SIDE} products [${rows},${inner},${values}]`,
      layout([1, rows, inner], [rows * stride, stride, 1]),
      layout([SIDE, inner, values], [...from, 1]),
      layout([SIDE, rows, values], [...to, 1]),
    );
  });
  return {
    /** From the first value of each on. */
    onto: (...arrays: readonly Float32Array[]): void =>
      product.run(...arrays.map((array, at) => array.subarray(0, product.bytes(at) / array.BYTES_PER_ELEMENT))),
  };
}
