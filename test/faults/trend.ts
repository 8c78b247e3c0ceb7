/** A measurement: at which step, and what was found. */
export type Sample = readonly [step: number, value: number];

/**
 * Slope of the line through samples, in the value's unit a step, by Theil and Sen: the median of the slopes of all pairs. Up to
 * 29 % of the samples may be anything at all without moving it, as resident memory is just before and after a collection.
 */
export function theilSenSlope(samples: readonly Sample[]): number {
  const slopes = samples.flatMap(([step, value], index) =>
    samples.slice(index + 1).map(([later, other]) => (other - value) / (later - step)),
  );
  if (slopes.length === 0) throw new Error(`${samples.length} samples have no slope; expected at least two`);
  slopes.sort((a, b) => a - b);
  const middle = slopes.length / 2;
  return ((slopes[Math.ceil(middle) - 1] ?? 0) + (slopes[Math.floor(middle)] ?? 0)) / 2;
}
