import { Writable } from 'node:stream';
import test from 'ava';
import { barLine, barSession, lineSession } from '../../../plugins/observers/console-sessions.js';
import { Pace } from '../../../plugins/observers/pace.js';
import { duration } from '../../../plugins/observers/words.js';
import { done, epochEnded, evaluation, numbered, phase, started, step, warning } from '../../events/examples.js';

class Screen extends Writable {
  written = '';
  readonly isTTY = true;
  readonly columns = 100;

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.written += chunk.toString();
    callback();
  }
}

test('without a terminal there are plain lines, and steps not more often than asked', (t) => {
  const stream = new Screen();
  let time = 0;
  const session = lineSession({ stream, now: () => time }, 5000);
  for (const event of numbered([started, phase])) session.next(event);
  for (let number = 1; number <= 60; number++) {
    time += 200;
    session.next({ ...step(number), sequence: number });
    if (number === 30) for (const event of numbered([epochEnded, evaluation, warning])) session.next(event);
  }
  session.next({ ...done, sequence: 99 });
  session.complete();
  t.deepEqual(stream.written.split('\n'), [
    'toy: repnas on a CPU (cpu), seed 1, 100 steps, to keep 22 of 66 gates',
    'phase search: 10 epochs of 10 steps',
    'step 25 of 100: search epoch 3, loss 0.08000, 160 images/s, 15s left',
    'accuracy 50.00 % of 1000 images after epoch 1 (multi-branch, loss 1.500)',
    'warning: mind, "the" gap',
    'step 50 of 100: search epoch 5, loss 0.04000, 160 images/s, 10s left, test accuracy 50.00 %',
    'toy: done',
    '',
  ]);
});

test('on a terminal there is a bar, and lines stand above it', (t) => {
  const stream = new Screen();
  let time = 0;
  const session = barSession({ stream, now: () => time });
  for (const event of numbered([started, phase])) session.next(event);
  for (let number = 1; number <= 50; number++) {
    time += 100;
    session.next({ ...step(number), sequence: number });
  }
  session.next({ ...warning, sequence: 51 });
  session.complete();
  t.regex(stream.written, /━{12}─{12} {2}50 % {2}search epoch 5 {2}loss 0\.04000 {2}320 images\/s {2}5s left/);
  t.true(stream.written.includes('warning: mind, "the" gap\n'));
});

test('a bar that has not begun leaves nothing behind', (t) => {
  const stream = new Screen();
  const session = barSession({ stream, now: () => 0 });
  session.next({ ...warning, sequence: 0 });
  session.complete();
  t.true(stream.written.startsWith('warning: mind'));
});

test('a narrow terminal gets the first parts of the line', (t) => {
  const progress = { phase: 'search', epoch: 3, step: 1, totalSteps: 3, loss: 1, rate: 5, secondsLeft: 4000 };
  t.is(barLine(progress, 47), '━━━━━━━━────────────────  33 %  search epoch 3');
  t.is(barLine(progress, 200).split('  ').at(-1), '1h 06m left');
  t.is(barLine(undefined, 80), '');
});

test('the pace is that of the last seconds', (t) => {
  const pace = new Pace();
  pace.start(0);
  t.is(pace.perSecond(), undefined);
  for (let time = 1000; time <= 100_000; time += 1000) pace.step(time, 10);
  for (let time = 100_100; time <= 130_000; time += 100) pace.step(time, 10);
  const { steps = 0, images = 0 } = pace.perSecond() ?? {};
  t.true(Math.abs(steps - 10) < 1e-9);
  t.true(Math.abs(images - 100) < 1e-9);
});

test('durations are short', (t) => {
  t.deepEqual([0.2, 59.1, 200, 3900].map(duration), ['1s', '1m 00s', '3m 20s', '1h 05m']);
});
