/** What a certificate says: differences of tensors that should be equal, per block and as a whole. `certificate.ts` measures them. */

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

/** Proof that a fused network computes what the trained one does, on the images it was checked with. */
export interface Certificate extends BlocksCertificate {
  /** Share of images on which both name the same class. */
  readonly argmaxAgreement: number;
}

/** The same where only the blocks of a network are known. */
export interface BlocksCertificate extends Difference {
  readonly format: 'repnas-certificate';
  readonly version: 1;
  readonly images: number;
  /** The images were random numbers, for want of real ones. @default false */
  readonly randomImages?: boolean;
  /** Largest relative error allowed. */
  readonly tolerance: number;
  readonly passed: boolean;
  /** By block, each on what the trained network feeds it with, so that errors do not add up along the way. */
  readonly blocks: Readonly<Record<string, Difference>>;
}
