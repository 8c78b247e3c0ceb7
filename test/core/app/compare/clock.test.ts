import { join } from 'node:path';
import test from 'ava';
import { TrialClock } from '../../../../core/app/compare/clock.js';
import { peakMiB } from '../../../../core/app/timing/index.js';
import type { NumberedEvent } from '../../../../core/contracts/index.js';
import { temporaryFolder } from '../../../folders/temporary.js';

/** Shows a clock events, each so many seconds after the one before. */
function show(
  clock: (now: () => number) => TrialClock,
  events: readonly (readonly [seconds: number, event: object])[],
) {
  let now = 0;
  const found = clock(() => 1000 * now);
  for (const [seconds, event] of events) {
    now += seconds;
    found.see(event as NumberedEvent);
  }
  return found;
}

const BEGIN = [
  [5, { type: 'run-started' }],
  [0, { type: 'phase-started' }],
  [2, { type: 'step', step: 1 }],
  [2, { type: 'step', step: 2 }],
  [1, { type: 'checkpoint', step: 2 }],
  [3, { type: 'architecture', step: 2 }],
  [2, { type: 'step', step: 3 }],
] as const;

const END = [
  [2, { type: 'step', step: 4 }],
  [7, { type: 'evaluation', epoch: 0, step: 4 }],
  [1, { type: 'checkpoint', step: 4 }],
  [50, { type: 'certificate' }],
  [50, { type: 'evaluation', epoch: 0, step: 4 }],
] as const;

const figures = (clock: TrialClock) => ({ ...clock.spent(), peakMiB: undefined });

test('starting, evaluating and finishing are not training, and the search ends with the last decision', (t) => {
  const file = join(temporaryFolder(t), 'clock.json');
  const clock = show((now) => new TrialClock(file, false, now), [...BEGIN, ...END]);
  t.deepEqual(figures(clock), {
    trainingSeconds: 13,
    searchSeconds: 8,
    searchSteps: 2,
    evaluationSeconds: 7,
    peakMiB: undefined,
  });
});

test('a training killed after a checkpoint goes on with the time of that checkpoint, not with what was lost', (t) => {
  const file = join(temporaryFolder(t), 'clock.json');
  show((now) => new TrialClock(file, false, now), BEGIN);
  const again = show(
    (now) => new TrialClock(file, true, now),
    [
      [100, { type: 'step', step: 3 }],
      [4, { type: 'step', step: 4 }],
    ],
  );
  t.is(figures(again).trainingSeconds, 5 + 4);
  t.is(figures(again).searchSeconds, 0);
});

test('an interrupted training goes on from the step it got to, and a finished one has what it took', (t) => {
  const file = join(temporaryFolder(t), 'clock.json');
  show((now) => new TrialClock(file, false, now), BEGIN).save();
  const again = show((now) => new TrialClock(file, true, now), [[100, { type: 'step', step: 4 }], ...END.slice(1)]);
  t.deepEqual(figures(again), {
    trainingSeconds: 11,
    searchSeconds: 8,
    searchSteps: 2,
    evaluationSeconds: 7,
    peakMiB: undefined,
  });
  const finished = show((now) => new TrialClock(file, true, now), [[100, { type: 'certificate' }]]);
  t.is(figures(finished).trainingSeconds, 11);
});

test('a training interrupted before it went on keeps the time it had', (t) => {
  const file = join(temporaryFolder(t), 'clock.json');
  show((now) => new TrialClock(file, false, now), BEGIN).save();
  new TrialClock(file, true).save();
  const again = show((now) => new TrialClock(file, true, now), [[100, { type: 'step', step: 4 }]]);
  t.is(figures(again).trainingSeconds, 10);
});

test('what is decided before the first step is no search', (t) => {
  const file = join(temporaryFolder(t), 'clock.json');
  const clock = show(
    (now) => new TrialClock(file, false, now),
    [
      [5, { type: 'run-started' }],
      [1, { type: 'architecture', step: 0 }],
      [1, { type: 'step', step: 1 }],
    ],
  );
  t.like(figures(clock), { trainingSeconds: 2, searchSeconds: 0, searchSteps: 0 });
});

test('a trial that begins anew begins at nothing', (t) => {
  const file = join(temporaryFolder(t), 'clock.json');
  show((now) => new TrialClock(file, false, now), BEGIN);
  const again = show(
    (now) => new TrialClock(file, true, now),
    [
      [5, { type: 'run-started' }],
      [1, { type: 'step', step: 1 }],
    ],
  );
  t.is(figures(again).trainingSeconds, 1);
});

test('the peak of memory is at least what is resident now, and grows with what is held', (t) => {
  const before = peakMiB();
  t.true(before >= 0.9 * (process.memoryUsage.rss() / 2 ** 20));
  const held = new Uint8Array(256 * 2 ** 20).fill(1);
  t.true(peakMiB() > process.memoryUsage.rss() / 2 ** 20 - 50 && peakMiB() >= before && held.length > 0);
});
