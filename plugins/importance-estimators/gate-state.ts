import type { StateRecord } from '../../core/contracts/index.js';

/** One number a gate out of a saved state. @throws Error when it is missing or of another number of gates. */
export function gateNumbers({ arrays }: StateRecord, name: string, gates: number): Float64Array {
  const saved = arrays[name];
  if (saved?.length === gates) return Float64Array.from(saved);
  throw new Error(
    `the saved importance holds ${saved?.length ?? 'no'} values of '${name}'; expected ${gates}, one a gate: it is of another search`,
  );
}

/** A single number out of a saved state. @throws Error when it is missing. */
export function savedNumber({ values }: StateRecord, name: string): number {
  const saved = values[name];
  if (typeof saved === 'number') return saved;
  throw new Error(`the saved importance holds no number '${name}'; it is of another estimator`);
}
