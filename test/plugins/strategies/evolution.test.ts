import test from 'ava';
import type { Probe, StrategyContext } from '../../../core/contracts/index.js';
import { createRandomSource } from '../../../core/train/random/index.js';
import { architectureOf } from '../../../plugins/strategies/architecture.js';
import { evolution } from '../../../plugins/strategies/evolution.js';
import { keptIn, ones, spaceOf } from './space.js';

const { spaces, gates } = spaceOf([3, 4, 2, 4, 3, 4]);
const BUDGET = 9;

/** Runs the search on a landscape whose best masks are known: gates further down count more. */
async function search(seed: number, options: object) {
  const masks: Uint8Array[] = [];
  const value = (mask: Uint8Array): number => mask.reduce((sum, bit, at) => sum + bit * at, 0);
  const probe = {
    evaluate: async (mask: Uint8Array) => {
      masks.push(mask);
      return { accuracy: value(mask), loss: 0 };
    },
  } as Partial<Probe> as Probe;
  const context = {
    spaces,
    gates,
    budget: BUDGET,
    costs: ones(gates),
    random: createRandomSource(seed),
  } as Partial<StrategyContext>;
  const session = evolution.start(context as StrategyContext, evolution.options.parse(options));
  const architecture = await session.beforePhase?.({ name: 'frozen', epochs: 1, searches: false }, probe);
  return { architecture, masks, value };
}

test('finds the best mask of a landscape that random drawing does not, within its evaluations', async (t) => {
  const options = { population: 60, sample: 20, evaluations: 3000 };
  const { architecture, masks, value } = await search(1, options);
  t.true(masks.length <= 3000);
  t.is(new Set(masks.map((mask) => mask.join(''))).size, masks.length, 'no mask is measured twice');
  for (const mask of masks) {
    const kept = keptIn(mask, gates, spaces);
    t.is(
      kept.reduce((sum, count) => sum + count, 0),
      BUDGET,
    );
    t.true(kept.every((count) => count > 0));
  }
  // One gate, the last, of each of the first four blocks; of the last two all that is left of the budget, from the end.
  const kept = new Set([2, 6, 8, 12, 15, 16, 17, 18, 19]);
  const best = Uint8Array.from(gates, (_, at) => (kept.has(at) ? 1 : 0));
  t.deepEqual(architecture, architectureOf(best, gates, spaces));
  t.true(Math.max(...masks.slice(0, 60).map(value)) < value(best));
});

test('is the same search for the same seed', async (t) => {
  const options = { population: 5, sample: 3, evaluations: 40 };
  t.deepEqual((await search(3, options)).masks, (await search(3, options)).masks);
  t.notDeepEqual((await search(3, options)).masks, (await search(4, options)).masks);
});
