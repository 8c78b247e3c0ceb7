/**
 * Seeded random numbers. A stream follows from the run's seed, a name and counters (epoch, step, index), never from how
 * many numbers were drawn before. A resumed run therefore needs no generator state beyond its counters.
 */
export interface RandomStream {
  /** Uniform in the open interval (0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** 0 … size−1 in random order. */
  permutation(size: number): Uint32Array;
}

/** All the random numbers of a run: streams that follow from its seed. */
export interface RandomSource {
  /** The stream of a name and counters, at its beginning: the same ones give the same numbers every time. */
  stream(name: string, ...counters: readonly number[]): RandomStream;
}
