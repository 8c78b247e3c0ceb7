/**
 * Named, seeded streams of random numbers: uniform and normal numbers, integers, permutations, and Beta variates for mixup.
 * A stream depends on nothing but the seed, its name and its counters, so a resumed run draws what it would have drawn.
 */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomSource, RandomStream } from '../../contracts/random.js';

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

const ROTATION = 15;

/** Finaliser of MurmurHash3 (Appleby): every bit of the input changes every bit of the output with probability one half. */
function finalise(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** 128 bits from any number of 32-bit words: four lanes of MurmurHash3, each with constants of its own, mixed at the end. */
export function hash128(words: readonly number[]): readonly [number, number, number, number] {
  let [a, b, c, d] = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  for (const word of words) {
    a = absorb(a, word, 0xcc9e2d51, 0x1b873593);
    b = absorb(b, word, 0x239b961b, 0xab0e9789);
    c = absorb(c, word, 0x38b34ae5, 0xa1e38b93);
    d = absorb(d, word, 0x85ebca77, 0xc2b2ae3d);
  }
  const sum = a ^ rotate(b, 7) ^ rotate(c, 14) ^ rotate(d, 21) ^ words.length;
  a = finalise(a + sum);
  b = finalise(b + Math.imul(a, 5));
  c = finalise(c + Math.imul(b, 5));
  d = finalise(d + Math.imul(c, 5));
  return [a + d, b + a, c + b, d].map((word) => word | 0) as [number, number, number, number];
}

function absorb(lane: number, word: number, first: number, second: number): number {
  const mixed = Math.imul(rotate(Math.imul(word, first), ROTATION), second);
  return (Math.imul(rotate(lane ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

/** A key as words, so that no two keys give the same ones: lengths come first, numbers take two words each. */
export function keyWords(seed: number, name: string, counters: readonly number[]): readonly number[] {
  const words = [...integerWords(seed, 'seed'), name.length, counters.length];
  for (let at = 0; at < name.length; at++) words.push(name.charCodeAt(at));
  for (const counter of counters) words.push(...integerWords(counter, `counter of stream '${name}'`));
  return words;
}

function integerWords(value: number, what: string): readonly [number, number] {
  if (!Number.isSafeInteger(value)) throw new Error(`${what} is ${value}; expected an integer below 2^53`);
  return [value | 0, Math.floor(value / 2 ** 32) | 0];
}

/** A number from Beta(a, b), by two gamma variates: X / (X + Y), computed from their logarithms since small shapes underflow. */
export function beta(stream: RandomStream, a: number, b: number): number {
  return 1 / (1 + Math.exp(logGammaVariate(stream, b) - logGammaVariate(stream, a)));
}

/** The logarithm of a Gamma(shape, 1) variate: Marsaglia and Tsang 2000, with their section 6 for shapes below 1. */
export function logGammaVariate(stream: RandomStream, shape: number): number {
  if (!(shape > 0)) throw new Error(`a gamma variate of shape ${shape} was asked for; expected a positive shape`);
  if (shape < 1) return logGammaVariate(stream, shape + 1) + Math.log(stream.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (Math.log(stream.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
