import test from 'ava';
import { damagedThenOpened, damagedThenResumed } from './damage.js';
import type { Findings } from './findings.js';
import { killed } from './kill.js';
import { dyingDecoder, failingEngine, hangingObserver } from './parts.js';
import { fewHandles, fullDisk, readOnlyFolder } from './resources.js';
import { interrupted, interruptedTwice, oneProcessAtATime } from './signals.js';

const SEED = 1;

/** A few of what `npm run test:faults` tries many of. */
const few: readonly [string, () => Promise<Findings>][] = [
  ['a run that is killed at random moments ends with the same bytes', () => killed(4, SEED)],
  ['a damaged file of an interrupted run is named, or not needed', () => damagedThenResumed(6, SEED)],
  ['a damaged file of a finished run is named', () => damagedThenOpened(6, SEED)],
  ['a full disk stops a run, which goes on when there is room', () => fullDisk([100, 160])],
  ['a read-only folder is refused, or stops a run', () => readOnlyFolder()],
  ['too few file handles stop a run', () => fewHandles([24, 32])],
  ['an interrupted run leaves a checkpoint and its exit code', () => interrupted(2, SEED)],
  ['a run that is interrupted twice ends at once', () => interruptedTwice()],
  ['observers that hang do not hold a run up', hangingObserver],
  ['decoding threads that die lose a run nothing', dyingDecoder],
  ['an engine that fails in a step stops a run', failingEngine],
  ['a run folder is one process at a time', () => oneProcessAtATime()],
];

for (const [title, work] of few) {
  test.serial(title, async (t) => {
    const { failures, detail, tried, skipped } = await work();
    t.log(skipped ? `skipped: ${skipped}` : `${tried} tried: ${detail}`);
    t.true(tried > 0 || skipped !== undefined);
    t.deepEqual(failures, []);
  });
}
