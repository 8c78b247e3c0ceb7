import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { timeInTurns, timingOf } from '../../../../core/app/timing/index.js';

test('median and p99 interpolate between order statistics, whatever the order', (t) => {
  t.deepEqual(timingOf([5, 1, 4, 2]), { median: 3, p99: 4 + 0.99 * 3 - 2, samples: 4 });
  t.deepEqual(timingOf([7]), { median: 7, p99: 7, samples: 1 });
  const hundred = Array.from({ length: 101 }, (_, at) => 100 - at);
  t.deepEqual(timingOf(hundred), { median: 50, p99: 99, samples: 101 });
});

test('there is no median of nothing', (t) => {
  t.throws(() => timingOf([]), { instanceOf: RangeError });
});

test('tasks are timed in turns, every round each of them', async (t) => {
  const calls: string[] = [];
  const task = (name: string, milliseconds: number) => async () => {
    if (calls.at(-1) !== name) calls.push(name);
    await setTimeout(milliseconds);
  };
  const timings = await timeInTurns(
    { quick: task('quick', 1), slow: task('slow', 20) },
    { milliseconds: 40, rounds: 2, iterations: 2 },
  );
  // Timers end a millisecond early at most; how late is the machine's affair.
  t.true((timings['slow']?.median ?? 0) >= 19);
  t.true((timings['slow']?.samples ?? 0) >= 4 && (timings['quick']?.samples ?? 0) >= 4);
  t.deepEqual(calls.slice(-4), ['quick', 'slow', 'quick', 'slow']);
});

test('a task that fails is an error, not a figure', async (t) => {
  const fail = () => Promise.reject(new Error('out of memory'));
  await t.throwsAsync(timeInTurns({ fail }, { milliseconds: 10 }), { message: /out of memory/ });
});
