// The matrices of Winograd's F(4x4, 3x3) (Lavin and Gray, 2016, arXiv:1509.09308), and what they are applied to.

export const TILE = 4;
/** Products along each side of a tile. */
export const SIDE = 6;

/** Bᵀ: of the six pixels that an output tile sees, the first of which lies before it. */
const SEEN = [
  4, 0, -5, 0, 1, 0, 0, -4, -4, 1, 1, 0, 0, 4, -4, -1, 1, 0, 0, -2, -1, 2, 1, 0, 0, 2, -1, -2, 1, 0, 0, 4, 0, -5, 0, 1,
];
/** Aᵀ: of the products to a tile's four pixels. */
const RESULT = [1, 1, 1, 1, 1, 0, 0, 1, -1, 2, -2, 0, 0, 1, 1, 4, 4, 0, 0, 1, -1, 8, -8, 1];
/** G: of a kernel's three taps. */
const TAPS = [6, 0, 0, -4, -4, -4, -4, 4, -4, 1, 2, 4, 1, -2, 4, 0, 0, 24].map((value) => value / 24);

/** What is taken of pixels for a tile: a matrix with a row for each product and a column for each pixel. */
export interface Side {
  readonly matrix: Float32Array;
  readonly pixels: number;
  /** Pixels before the tile. */
  readonly before: number;
}

/** What an output tile sees of the images, and the gradients of its own pixels. */
export const seen: Side = { matrix: Float32Array.from(SEEN), pixels: SIDE, before: 1 };
export const own: Side = { matrix: transposed(RESULT, TILE, SIDE), pixels: TILE, before: 0 };
export const result: Float32Array = Float32Array.from(RESULT);

/** `[36, 9]`: a 3x3 kernel's taps to its factors, of the kernel as it is and rotated. */
export const factors: Float32Array = Float32Array.from({ length: SIDE ** 2 * 9 }, (_, at) => {
  const [product, tap] = [Math.floor(at / 9), at % 9];
  const [down, across] = [Math.floor(product / SIDE), product % SIDE];
  return (TAPS[3 * down + Math.floor(tap / 3)] as number) * (TAPS[3 * across + (tap % 3)] as number);
});
export const rotatedFactors: Float32Array = factors.map((_, at) => factors[at - (at % 9) + 8 - (at % 9)] as number);

/** Pixels in rows and columns, cut into tiles, with so many values each. */
export interface Grid {
  readonly height: number;
  readonly width: number;
  readonly down: number;
  readonly across: number;
  readonly values: number;
}

export const gridOf = (height: number, width: number, values: number): Grid => ({
  height,
  width,
  down: Math.ceil(height / TILE),
  across: Math.ceil(width / TILE),
  values,
});

/** Values that lie between the two halves of a transform, and values of all tiles. */
export const betweenOf = ({ down, width, values }: Grid): number => SIDE * down * width * values;
export const tilesOf = ({ down, across, values }: Grid): number => SIDE ** 2 * down * across * values;

function transposed(matrix: readonly number[], rows: number, columns: number): Float32Array {
  return Float32Array.from(matrix, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)] as number);
}
