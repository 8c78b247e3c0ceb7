import { createRequire } from 'node:module';

interface JStat {
  readonly studentt: { inv(p: number, degrees: number): number };
}

/** The package has no types, and is CommonJS. */
const { jStat } = createRequire(import.meta.url)('jstat') as { readonly jStat: JStat };

/** One measurement for each seed. */
export type BySeed = ReadonlyMap<number, number>;

/** Mean of a few measurements with its 95 % interval by Student's t. */
export interface Estimate {
  readonly mean: number;
  /** Half the width of the interval; absent where there is only one measurement, of which none can be told. */
  readonly margin?: number;
  readonly n: number;
  /** Each measurement by its seed. */
  readonly bySeed: Readonly<Record<string, number>>;
}

/** Absent where there is no measurement. */
export function estimate(measurements: BySeed): Estimate | undefined {
  const values = [...measurements.values()];
  const n = values.length;
  if (n === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const bySeed = Object.fromEntries(measurements);
  if (n === 1) return { mean, n, bySeed };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { mean, margin: jStat.studentt.inv(0.975, n - 1) * Math.sqrt(variance / n), n, bySeed };
}

/**
 * The smallest difference that so many pairs would show in four of five repetitions: at a two-sided level of 5 % and a power of
 * 80 %, from the spread of the pairs that were measured. `undefined` for fewer than two.
 */
export function detectable({ margin, n }: Estimate): number | undefined {
  if (margin === undefined) return undefined;
  const level = jStat.studentt.inv(0.975, n - 1);
  return (margin / level) * (level + jStat.studentt.inv(0.8, n - 1));
}

/** Two entrants' measurements put together seed by seed; seeds that only one of them has are left out. */
export const paired = (a: BySeed, b: BySeed, combine: (a: number, b: number) => number): BySeed =>
  new Map(
    [...a].flatMap(([seed, value]) => {
      const other = b.get(seed);
      return other === undefined ? [] : [[seed, combine(value, other)] as const];
    }),
  );

/** Returns the middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}
