/**
 * How an epoch is cut into batches: the last one is short where the sizes do not divide. While training, a last batch of one
 * image joins the one before it, since a batch-norm has nothing to normalise by in a single image of 1x1 pixels.
 */
export interface BatchPlan {
  readonly count: number;
  /** Positions `[start, end)` in the epoch's order. */
  range(index: number): readonly [start: number, end: number];
  /** Images of the largest batch. */
  readonly largest: number;
}

/** @throws Error when the batch size is not a positive integer, or the set is empty. */
export function planBatches(size: number, batchSize: number, training: boolean): BatchPlan {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new Error(`the batch size is ${batchSize}; expected a positive integer`);
  }
  if (size < 1) throw new Error('the set has no images; expected at least one');
  const full = Math.ceil(size / batchSize);
  const joins = training && full > 1 && batchSize > 1 && size % batchSize === 1;
  const count = joins ? full - 1 : full;
  return {
    count,
    range: (index) => [index * batchSize, index === count - 1 ? size : (index + 1) * batchSize],
    largest: Math.min(size, joins ? batchSize + 1 : batchSize),
  };
}
