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
  /**
   * What was compared with what. `network`: with the answers of the network itself, trained here or given (`--expect`). `fold`: with
   * this program's own reading of a checkpoint, so that what {@link Basis.assumed} says is on both sides. Absent: `network`.
   */
  readonly proof?: 'network' | 'fold';
  /** What the reading of a checkpoint rests on; absent where the network was trained here. */
  readonly basis?: Basis;
  /** How far the folded network is from the answers of the user's own, where they were given. */
  readonly expected?: ExpectedDifference;
  readonly images: number;
  /** The images were random numbers, for want of real ones. @default false */
  readonly randomImages?: boolean;
  /** Largest relative error allowed. */
  readonly tolerance: number;
  readonly passed: boolean;
  /** By block, each on what the trained network feeds it with, so that errors do not add up along the way. */
  readonly blocks: Readonly<Record<string, Difference>>;
}

/** What is known of a checkpoint's network beside its tensors, and how. */
export interface Basis {
  /** What the file says. */
  readonly read: readonly string[];
  /** What whoever asked for the import said. */
  readonly told: readonly string[];
  /** What neither says, taken from the family's own code. */
  readonly assumed: readonly string[];
  /** Tensors that are in the file and not in what was made of it. */
  readonly leftOut: readonly string[];
}

/** The answers of the user's own network, and how far the folded one is from them. */
export interface ExpectedDifference extends Difference {
  /** The file they were read from. */
  readonly file: string;
  readonly images: number;
  readonly argmaxAgreement: number;
}
