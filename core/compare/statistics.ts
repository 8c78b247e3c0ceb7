import { createRequire } from 'node:module';

interface JStat {
  readonly studentt: { inv(p: number, degrees: number): number };
}

/** The package has no types, and is CommonJS. */
const { jStat } = createRequire(import.meta.url)('jstat') as { readonly jStat: JStat };

/** Mean of a few measurements with its 95 % interval by Student's t; no interval where there is only one. */
export interface Estimate {
  readonly mean: number;
  /** Half the width of the 95 % interval. */
  readonly margin?: number;
  readonly values: readonly number[];
}

export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, values };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, margin: jStat.studentt.inv(0.975, count - 1) * Math.sqrt(variance / count), values };
}

/** Estimate of the difference of measurements that belong together pair by pair; absent where there is no pair. */
export function pairedDifference(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Estimate | undefined {
  const differences = [...a].flatMap(([key, value]) => {
    const other = b.get(key);
    return other === undefined ? [] : [value - other];
  });
  return differences.length === 0 ? undefined : estimate(differences);
}
