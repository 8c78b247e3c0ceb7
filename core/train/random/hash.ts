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
