import test from 'ava';
import { damagedThenOpened, damagedThenResumed } from './damage.js';
import type { Findings } from './findings.js';
import { killed } from './kill.js';

const SEED = 1;

/** A few of what `npm run test:faults` tries many of. */
const few: readonly [string, () => Promise<Findings>][] = [
  ['a run that is killed at random moments ends with the same bytes', () => killed(4, SEED)],
  ['a damaged file of an interrupted run is named, or not needed', () => damagedThenResumed(6, SEED)],
  ['a damaged file of a finished run is named', () => damagedThenOpened(6, SEED)],
];

for (const [title, work] of few) {
  test.serial(title, async (t) => {
    const { failures, detail, tried } = await work();
    t.log(`${tried} tried: ${detail}`);
    t.true(tried > 0);
    t.deepEqual(failures, []);
  });
}
