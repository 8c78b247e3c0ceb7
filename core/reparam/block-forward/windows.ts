/** What a linear map of an image sees around each pixel: a centred window, or the mean over the block's whole KxK window. */
export interface Window {
  readonly height: number;
  readonly width: number;
  /** True if each position of the window holds the mean over KxK pixels. */
  readonly pooled: boolean;
}

type Tap = readonly [row: number, column: number];

/** Positions of a centred window within KxK, in row order; all of them for a pooled one. */
export function taps({ height, width, pooled }: Window, size: number): Tap[] {
  const [rows, columns] = pooled ? [size, size] : [height, width];
  const [top, left] = [(size - rows) >> 1, (size - columns) >> 1];
  return Array.from({ length: rows * columns }, (_, at) => [top + Math.floor(at / columns), left + (at % columns)]);
}

/** For each tap that a kernel of this window holds: the taps of KxK, in row order, that it lies at; a pooled one lies at all. */
export function places(window: Window, size: number): number[][] {
  const all = taps(window, size).map(([row, column]) => row * size + column);
  return window.pooled ? [all] : all.map((place) => [place]);
}

/** Matrices and sums that the kernel PatchMoments gives, by size. */
const MOMENT_PARTS = { 1: { matrices: 1, sums: 1 }, 3: { matrices: 49, sums: 9 } } as const;

/**
 * How the second moments of a window's patches are put together from the matrices of PatchMoments: `[n·n, matrices]`, row (t, t')
 * for the pair of pixels at taps t and t'. A pair at a distance δ contributes A_δ, less what lies on the border where
 * one step outwards both taps still see the image but the patch is no longer one of the block's; the corners come twice then.
 */
export function secondMomentAssembly(window: Window, size: 1 | 3): Float32Array {
  const { matrices } = MOMENT_PARTS[size];
  return assemble(window, matrices, pairs(taps(window, size)), (row, [t, other]) => {
    if (size === 1) return void row(0, 1);
    const [down, right] = [other[0] - t[0], other[1] - t[1]];
    row(5 * (down + 2) + right + 2, 1);
    const vertical = side(t[0], other[0]);
    const horizontal = side(t[1], other[1]);
    if (vertical >= 0) row(25 + 5 * vertical + right + 2, -1);
    if (horizontal >= 0) row(35 + 5 * horizontal + down + 2, -1);
    if (vertical >= 0 && horizontal >= 0) row(45 + 2 * vertical + horizontal, 1);
  });
}

/** Likewise the mean patch from the sums: `[n, sums]`. */
export function meanAssembly(window: Window, size: 1 | 3): Float32Array {
  const { sums } = MOMENT_PARTS[size];
  const own = taps(window, size).map((tap): [Tap, Tap] => [tap, tap]);
  return assemble(window, sums, own, (row, [t]) => {
    row(0, 1);
    if (size === 1) return;
    const [vertical, horizontal] = [side(t[0], t[0]), side(t[1], t[1])];
    if (vertical >= 0) row(1 + vertical, -1);
    if (horizontal >= 0) row(3 + horizontal, -1);
    if (vertical >= 0 && horizontal >= 0) row(5 + 2 * vertical + horizontal, 1);
  });
}

/** Likewise from the moments of all pairs of taps of KxK, in their order: `[n·n, K⁴]`. */
export const pairSelection = (window: Window, size: number): Float32Array =>
  assemble(window, size ** 4, pairs(taps(window, size)), (row, [t, other]) =>
    row((t[0] * size + t[1]) * size ** 2 + other[0] * size + other[1], 1),
  );

/** Likewise the mean patch from the means of all taps of KxK: `[n, K²]`. */
export const tapSelection = (window: Window, size: number): Float32Array =>
  assemble(
    window,
    size ** 2,
    taps(window, size).map((tap): [Tap, Tap] => [tap, tap]),
    (row, [t]) => row(t[0] * size + t[1], 1),
  );

/** Which border two taps of a 3x3 window both reach beyond: 0 the last row or column, 1 the first, −1 none. */
const side = (a: number, b: number): -1 | 0 | 1 => (a !== b || a === 1 ? -1 : a === 0 ? 0 : 1);

const pairs = (all: readonly Tap[]): [Tap, Tap][] => all.flatMap((t) => all.map((other): [Tap, Tap] => [t, other]));

/** One row for each pair, or their mean where the window is pooled. */
function assemble(
  { pooled }: Window,
  columns: number,
  all: readonly (readonly [Tap, Tap])[],
  fill: (row: (column: number, weight: number) => void, pair: readonly [Tap, Tap]) => void,
): Float32Array {
  const rows = pooled ? 1 : all.length;
  const matrix = new Float32Array(rows * columns);
  for (const [index, pair] of all.entries()) {
    const start = pooled ? 0 : index * columns;
    fill((column, weight) => {
      matrix[start + column] = (matrix[start + column] ?? 0) + (pooled ? weight / all.length : weight);
    }, pair);
  }
  return matrix;
}
