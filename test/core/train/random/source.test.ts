import test from 'ava';
import { childSeed, createRandomSource } from '../../../../core/train/random/index.js';

/** Σ (found − expected)² / expected over equally likely bins. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** What chi-square stays below with probability 0.999, by Wilson and Hilferty's approximation. */
const limit = (freedom: number): number => {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 3.09 * Math.sqrt(spread)) ** 3;
};

const count = (bins: number, draws: number, draw: (n: number) => number): number[] => {
  const counts = Array<number>(bins).fill(0);
  for (let n = 0; n < draws; n++) {
    const bin = draw(n);
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
};

test('numbers stay what they were in earlier versions', (t) => {
  const stream = createRandomSource(42).stream('data-order', 3, 7);
  t.deepEqual(
    [stream.uniform(), stream.uniform(), stream.normal(), stream.normal(), stream.integer(1000), stream.integer(1000)],
    [0.05274564280825389, 0.9364455126027454, 0.3500293848378078, 0.21734246089972614, 811, 370],
  );
  t.deepEqual([...createRandomSource(42).stream('data-order', 0).permutation(8)], [6, 0, 1, 2, 5, 4, 7, 3]);
  t.is(childSeed(42, 'repnas/0'), 984016987);
});

test('the same key gives the same numbers, any other key gives others', (t) => {
  const first = (seed: number, name: string, ...counters: number[]) =>
    createRandomSource(seed)
      .stream(name, ...counters)
      .uniform();
  t.is(first(1, 'a', 2, 3), first(1, 'a', 2, 3));
  const keys = [
    first(1, 'a'),
    first(2, 'a'),
    first(-1, 'a'),
    first(2 ** 32 + 1, 'a'),
    first(1, 'b'),
    first(1, 'a', 0),
    first(1, 'a', 1),
    first(1, 'a', 0, 0),
    first(1, 'a', 0, 1),
    first(1, 'a', 1, 0),
    first(1, 'a', 2 ** 32),
    first(1, 'aa'),
    first(1, ''),
    first(1, 'a\u0000'),
  ];
  t.is(new Set(keys).size, keys.length);
});

test('streams do not depend on what was drawn from others', (t) => {
  const source = createRandomSource(5);
  const one = source.stream('one');
  one.uniform();
  const two = source.stream('two');
  one.normal();
  t.is(two.uniform(), createRandomSource(5).stream('two').uniform());
});

test('uniform numbers fill (0, 1) evenly and never touch its ends', (t) => {
  const stream = createRandomSource(1).stream('uniform');
  const counts = count(100, 200_000, () => {
    const value = stream.uniform();
    if (!(value > 0 && value < 1)) t.fail(`${value} is not inside (0, 1)`);
    return Math.floor(value * 100);
  });
  t.true(chiSquare(counts) < limit(99));
});

test('the first numbers of neighbouring streams are uniform and independent', (t) => {
  const source = createRandomSource(9);
  const draw = (epoch: number, index: number) => source.stream('augment', epoch, index).uniform();
  const pairs = count(256, 100_000, (n) => Math.floor(draw(0, n) * 16) * 16 + Math.floor(draw(0, n + 1) * 16));
  t.true(chiSquare(pairs) < limit(255));
  const epochs = count(256, 100_000, (n) => Math.floor(draw(0, n) * 16) * 16 + Math.floor(draw(1, n) * 16));
  t.true(chiSquare(epochs) < limit(255));
  const seeds = count(64, 50_000, (seed) => Math.floor(createRandomSource(seed).stream('gates', 0).uniform() * 64));
  t.true(chiSquare(seeds) < limit(63));
});

test('integers are uniform for bounds that are no power of two', (t) => {
  const stream = createRandomSource(2).stream('integer');
  for (const below of [2, 3, 7, 10, 1000]) {
    t.true(chiSquare(count(below, 100 * below + 50_000, () => stream.integer(below))) < limit(below - 1));
  }
  t.is(stream.integer(1), 0);
  t.throws(() => stream.integer(0), { message: /below 0.*expected an integer from 1/ });
  t.throws(() => stream.integer(1.5));
});

test('normal numbers have the moments and tails of a normal distribution', (t) => {
  const stream = createRandomSource(3).stream('normal');
  const draws = Array.from({ length: 200_000 }, () => stream.normal());
  const moment = (power: number) => draws.reduce((sum, x) => sum + x ** power, 0) / draws.length;
  t.true(Math.abs(moment(1)) < 0.01);
  t.true(Math.abs(moment(2) - 1) < 0.015);
  t.true(Math.abs(moment(3)) < 0.03);
  t.true(Math.abs(moment(4) - 3) < 0.1);
  t.true(Math.abs(draws.filter((x) => Math.abs(x) > 1.959964).length / draws.length - 0.05) < 0.002);
});

test('permutations hold every index once, and every order is as likely as any other', (t) => {
  const source = createRandomSource(4);
  t.deepEqual(
    [...source.stream('big').permutation(1000)].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  const orders = count(24, 48_000, (n) => {
    const [a = 0, b = 0, c = 0, d = 0] = source.stream('order', n).permutation(4);
    const later = (x: number, ...others: number[]) => others.filter((y) => y < x).length;
    return later(a, b, c, d) * 6 + later(b, c, d) * 2 + later(c, d);
  });
  t.true(chiSquare(orders) < limit(23));
  t.is(source.stream('empty').permutation(0).length, 0);
});

test('child seeds differ by name and by parent', (t) => {
  const seeds = Array.from({ length: 1000 }, (_, n) => childSeed(7, `trial ${n}`));
  t.is(new Set(seeds).size, 1000);
  t.true(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32));
  t.not(childSeed(7, 'a'), childSeed(8, 'a'));
});

test('keys that are no integers are refused', (t) => {
  t.throws(() => createRandomSource(0.5), { message: /seed is 0\.5; expected an integer/ });
  t.throws(() => createRandomSource(Number.NaN));
  t.throws(() => createRandomSource(1).stream('a', 1.5), { message: /counter of stream 'a' is 1\.5/ });
});
