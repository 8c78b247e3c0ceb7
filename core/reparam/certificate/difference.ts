/** Difference of two tensors that should be equal. */
export interface Difference {
  /** Largest |a − b|. */
  readonly maxDifference: number;
  /** Largest |a − b| over the largest |a|. */
  readonly relativeError: number;
}

/** Largest difference and largest expected value over many arrays. A value that is not a number counts as infinitely far. */
export class MaxDifference {
  #difference = 0;
  #scale = 0;

  add(expected: Float32Array, found: Float32Array): void {
    if (expected.length !== found.length) throw new Error('fused and trained outputs differ in size');
    for (const [index, value] of found.entries()) {
      const reference = expected[index] ?? Number.NaN;
      const difference = Math.abs(value - reference);
      if (!(difference <= this.#difference))
        this.#difference = Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
      if (Math.abs(reference) > this.#scale) this.#scale = Math.abs(reference);
    }
  }

  difference(): Difference {
    const scale = this.#scale || 1;
    return { maxDifference: this.#difference, relativeError: this.#difference / scale };
  }
}
