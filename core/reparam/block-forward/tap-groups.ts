/** Taps of a KxK kernel that one convolution takes together: rows and columns from its middle, evenly apart. */
export interface TapGroup {
  /** Indices into the K² taps, in row order of the group. */
  readonly taps: readonly number[];
  readonly height: number;
  readonly width: number;
  readonly dilation: readonly [height: number, width: number];
  /** Rows and columns from the middle to the outermost tap: what the images are padded by. */
  readonly reach: readonly [height: number, width: number];
}

/** Positions along one axis, from the middle. */
type Positions = readonly number[];

/**
 * Parts that every one of the centred windows is a union of: the rows that tell two windows apart times the columns that do.
 * What lies on both sides of smaller windows is taken in pairs, so that a part is again a kernel with evenly spaced taps.
 */
export function tapGroups(
  windows: readonly { readonly height: number; readonly width: number }[],
  size: number,
): TapGroup[] {
  const middle = size >> 1;
  const rows = intervals(windows.map(({ height }) => height >> 1));
  const columns = intervals(windows.map(({ width }) => width >> 1));
  return rows.flatMap((own) =>
    columns.map((across) => ({
      taps: own.flatMap((row) => across.map((column) => (middle + row) * size + middle + column)),
      height: own.length,
      width: across.length,
      dilation: [spacing(own), spacing(across)],
      reach: [Math.abs(own[0] ?? 0), Math.abs(across[0] ?? 0)],
    })),
  );
}

/** The smallest half-width as a whole, every further pixel as a pair. */
function intervals(halves: readonly number[]): Positions[] {
  const [smallest = 0, largest = 0] = [Math.min(...halves), Math.max(...halves)];
  const inner = Array.from({ length: 2 * smallest + 1 }, (_, at) => at - smallest);
  const pairs = Array.from({ length: largest - smallest }, (_, at) => [-(smallest + at + 1), smallest + at + 1]);
  return [inner, ...pairs];
}

const spacing = ([first = 0, second = first + 1]: Positions): number => second - first;
