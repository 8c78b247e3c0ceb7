import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A tensor as plain data. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Seeded values in [low, high), rounded to multiples of `step` if given, so that equal values occur. */
export function values(
  seed: number,
  shape: readonly number[],
  { low = -1, high = 1, step = 0 }: { low?: number; high?: number; step?: number } = {},
): Values {
  const generator = xoroshiro128plus(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: size }, () => {
    const value = low + (high - low) * uniformFloat32(generator);
    return step > 0 ? Math.round(value / step) * step : value;
  });
  return { shape, data };
}
