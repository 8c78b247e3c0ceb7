import test from 'ava';
import fc from 'fast-check';
import { createRandomSource } from '../../../core/train/random/index.js';
import { randomMasks } from '../../../plugins/strategies/random-mask.js';
import { keptIn, ones, spaceOf } from './space.js';

test('every mask of C gates that leaves no block empty is as likely as any other, and no other comes', (t) => {
  for (const [sizes, budget] of [
    [[2, 3, 1], 4],
    [[2, -2, 3], 3],
    [[4, 2], 2],
  ] as const) {
    const { spaces, gates } = spaceOf(sizes);
    const allowed = Array.from({ length: 2 ** gates.length }, (_, bits) =>
      Uint8Array.from(gates, (_, at) => (bits >> at) & 1),
    ).filter((mask) => {
      const kept = keptIn(mask, gates, spaces);
      const total = kept.reduce((sum, count) => sum + count, 0);
      return total === budget && spaces.every(({ always }, at) => always.length > 0 || (kept[at] ?? 0) > 0);
    });
    const counts = new Map(allowed.map((mask) => [mask.join(''), 0]));
    const draw = randomMasks({ budget, costs: ones(gates), gates, spaces });
    const draws = 2000 * allowed.length;
    const stream = createRandomSource(4).stream('masks');
    for (let at = 0; at < draws; at++) {
      const key = draw(stream).join('');
      counts.set(key, (counts.get(key) ?? Number.NaN) + 1);
    }
    t.is(counts.size, allowed.length);
    // Chi-squared: its mean is the degrees of freedom, its deviation the root of twice as many.
    const freedom = allowed.length - 1;
    const squares = [...counts.values()].reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    t.true(Math.abs(squares - freedom) < 4 * Math.sqrt(2 * freedom), `${squares} for ${freedom} degrees of freedom`);
  }
});

test('holds the budget in spaces of any size, tight and loose', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      (sizes, share, seed) => {
        const { spaces, gates } = spaceOf(sizes);
        const budget = spaces.length + Math.floor(share * (gates.length - spaces.length));
        const kept = keptIn(
          randomMasks({ budget, costs: ones(gates), gates, spaces })(createRandomSource(seed).stream('mask')),
          gates,
          spaces,
        );
        t.is(
          kept.reduce((sum, count) => sum + count, 0),
          budget,
        );
        t.true(kept.every((count) => count >= 1));
      },
    ),
    { numRuns: 100, seed: 1 },
  );
  const { spaces, gates } = spaceOf(Array<number>(400).fill(7));
  const mask = randomMasks({ budget: 401, costs: ones(gates), gates, spaces })(createRandomSource(1).stream('mask'));
  t.is(
    mask.reduce((sum, bit) => sum + bit, 0),
    401,
  );
  t.throws(() => randomMasks({ budget: 399, costs: ones(gates), gates, spaces }), {
    message: /399 gates cannot give each of 400 blocks/,
  });
});
