/** How long something takes, in milliseconds. */
export interface Timing {
  readonly median: number;
  /** 99 of 100 times are below it; close to the longest where there are few samples. */
  readonly p99: number;
  readonly samples: number;
}

/** @throws RangeError when there is no time at all. */
export function timingOf(milliseconds: readonly number[]): Timing {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), samples: sorted.length };
}

/** By linear interpolation between order statistics (Hyndman and Fan 1996, type 7), as NumPy and R do. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new RangeError('a quantile of nothing was asked for');
  return below + (place - Math.floor(place)) * (above - below);
}
