import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomSource, RandomStream } from '../../contracts/random.js';
import { hash128, keyWords } from './hash.js';

/**
 * Streams that depend on nothing but the seed, their name and their counters. Each is a xoroshiro128+ generator (Blackman and
 * Vigna 2018) whose state is a hash of those three.
 *
 * @param seed Any integer below 2^53 in size.
 * @throws Error when the seed, or a counter given later, is not such an integer.
 */
export function createRandomSource(seed: number): RandomSource {
  keyWords(seed, '', []);
  return { stream: (name, ...counters) => new Stream(hash128(keyWords(seed, name, counters))) };
}

/** The seed of a part of its own, a trial of a comparison say: 32 bits that depend on the parent's seed and the name alone. */
export function childSeed(seed: number, name: string): number {
  return hash128(keyWords(seed, `child ${name}`, []))[0] >>> 0;
}

class Stream implements RandomStream {
  readonly #next: () => number;
  /** The polar method makes two normal numbers at once. */
  #spare: number | undefined;

  constructor(state: readonly [number, number, number, number]) {
    const generator = xoroshiro128plusFromState(state.some((word) => word !== 0) ? state : [1, 0, 0, 0]);
    this.#next = () => generator.next();
  }

  /** A multiple of 2^-52 plus half of one, so that neither 0 nor 1 can come out. */
  uniform(): number {
    const high = this.#next() >>> 6;
    return (high * 2 ** 26 + (this.#next() >>> 6) + 0.5) * 2 ** -52;
  }

  /** Marsaglia's polar method (1964). */
  normal(): number {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * factor;
      return x * factor;
    }
  }

  /** Draws as many high bits as `below` needs until they are in range: exactly uniform. */
  integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
      throw new Error(`a random integer below ${below} was asked for; expected an integer from 1 to 2^32`);
    }
    if (below === 1) return 0;
    const shift = Math.clz32(below - 1);
    for (;;) {
      const drawn = this.#next() >>> shift;
      if (drawn < below) return drawn;
    }
  }

  /** Fisher and Yates' shuffle. */
  permutation(size: number): Uint32Array {
    const order = Uint32Array.from({ length: size }, (_, index) => index);
    for (let last = size - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = order[last] as number;
      order[last] = order[other] as number;
      order[other] = kept;
    }
    return order;
  }
}
