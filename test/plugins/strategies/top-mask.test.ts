import test from 'ava';
import fc from 'fast-check';
import { createRandomSource } from '../../../core/train/random/index.js';
import { mutate } from '../../../plugins/strategies/mutate.js';
import { costOf, highest, topMask } from '../../../plugins/strategies/top-mask.js';
import { keptIn, ones, spaceOf } from './space.js';

/** Spaces whose gates cost something, a ranking, and a budget between the least that fits and everything. */
const priced = fc
  .array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 })
  .chain((sizes) => {
    const { spaces, gates } = spaceOf(sizes);
    const each = { minLength: gates.length, maxLength: gates.length };
    return fc.record({
      spaces: fc.constant(spaces),
      gates: fc.constant(gates),
      costs: fc.array(fc.double({ min: 0.1, max: 9, noNaN: true }), each).map((costs) => Float64Array.from(costs)),
      ranks: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), each).map((ranks) => Float64Array.from(ranks)),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
  })
  .map(({ share, ...space }) => {
    const { spaces, gates, costs } = space;
    const least = spaces.reduce(
      (sum, { block }) => sum + Math.min(...costs.filter((_, gate) => gates[gate]?.block === block)),
      0,
    );
    const all = costs.reduce((sum, cost) => sum + cost, 0);
    return { ...space, budget: least + share * (all - least) };
  });

test('the highest-ranked gates keep a budget of costs, leave no block empty, and no gate out that fits', (t) => {
  fc.assert(
    fc.property(priced, ({ spaces, gates, costs, ranks, budget }) => {
      const { mask } = topMask(ranks, { budget, costs }, gates, spaces);
      const spent = costOf(mask, costs);
      t.true(spent <= budget * (1 + 1e-9));
      t.true(keptIn(mask, gates, spaces).every((kept) => kept > 0));
      const left = [...costs].filter((_, gate) => mask[gate] === 0);
      t.true(left.every((cost) => spent + cost > budget * (1 - 1e-9)));
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('costs of 1 keep the C highest gates, in exchange for one of each block that would be empty', (t) => {
  const { spaces, gates } = spaceOf([3, 2, 1]);
  const ranks = Float64Array.of(6, 5, 4, 3, 2, 1);
  const limit = { budget: 3, costs: ones(gates) };
  t.deepEqual([...highest(ranks, limit)], [1, 1, 1, 0, 0, 0]);
  t.deepEqual(topMask(ranks, limit, gates, spaces), {
    mask: Uint8Array.of(1, 0, 0, 1, 0, 1),
    rescued: ['block1', 'block2'],
  });
});

test('a gate that is too expensive makes way for the next', (t) => {
  const limit = { budget: 5, costs: Float64Array.of(4, 3, 1) };
  t.deepEqual([...highest(Float64Array.of(3, 2, 1), limit)], [1, 0, 1]);
});

test('a budget of costs that cannot give each block a branch is refused', (t) => {
  const { spaces, gates } = spaceOf([2, 1]);
  const limit = { budget: 3, costs: Float64Array.of(2, 5, 4) };
  t.throws(() => topMask(Float64Array.of(1, 2, 3), limit, gates, spaces), {
    message: /each of 2 blocks a branch: their cheapest ones take 2.00 times/,
  });
});

test('a mutated mask keeps the budget and a branch in every block, and differs wherever one can', (t) => {
  fc.assert(
    fc.property(priced, fc.nat(), ({ spaces, gates, costs, ranks, budget }, seed) => {
      const { mask } = topMask(ranks, { budget, costs }, gates, spaces);
      const child = mutate(mask, { gates, spaces, budget, costs }, createRandomSource(seed).stream('child'));
      t.true(costOf(child, costs) <= budget * (1 + 1e-9));
      t.true(keptIn(child, gates, spaces).every((kept) => kept > 0));
    }),
    { seed: 4, numRuns: 300 },
  );
});
