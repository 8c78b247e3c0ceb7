import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Subject } from 'rxjs';
import { z } from 'zod';
import {
  type Chosen,
  defineObserver,
  type NumberedEvent,
  type Observer,
  type ObserverSession,
} from '../../../../core/contracts/index.js';
import { observe, startObservers } from '../../../../core/run/watch/observe.js';
import { done, epochEnded, numbered, step } from '../../../events/examples.js';

/** An observer that writes down what it sees. */
function recorder(next: ObserverSession['next'] = () => {}): ObserverSession & { seen: number[]; completed: number } {
  const session = {
    seen: [] as number[],
    completed: 0,
    next: (event: NumberedEvent) => {
      session.seen.push(event.sequence);
      return next(event);
    },
    complete: () => {
      session.completed++;
    },
  };
  return session;
}

function setUp(
  sessions: Readonly<Record<string, ObserverSession>>,
  options: { buffer?: number; patience?: number } = {},
) {
  const events = new Subject<NumberedEvent>();
  const warnings: string[] = [];
  const named = Object.entries(sessions).map(([name, session]) => ({ name, session }));
  const ended = observe(events, named, { patience: 10_000, ...options, warn: (message) => warnings.push(message) });
  return { events, warnings, ended };
}

const steps = (count: number): NumberedEvent[] =>
  numbered(Array.from({ length: count }, (_, index) => step(index + 1)));

test('every observer sees every event in order and is completed once', async (t) => {
  const sync = recorder();
  const async_ = recorder(() => sleep(1));
  const { events, warnings, ended } = setUp({ sync, async: async_ });
  for (const event of steps(20)) events.next(event);
  t.is(sync.seen.length, 20, 'a synchronous one has seen all at once');
  events.complete();
  await ended;
  const expected = Array.from({ length: 20 }, (_, index) => index);
  t.deepEqual(sync.seen, expected);
  t.deepEqual(async_.seen, expected);
  t.deepEqual([sync.completed, async_.completed], [1, 1]);
  t.deepEqual(warnings, []);
});

test('an observer that throws is detached with one warning, which the others see after the event', async (t) => {
  const failing = recorder(() => {
    throw new Error('no disk');
  });
  const other = recorder();
  const events = new Subject<NumberedEvent>();
  let sequence = 0;
  const emit = () => events.next({ ...step(1), sequence: sequence++ });
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
    events.next({ type: 'warning', message, sequence: sequence++ });
  };
  const ended = observe(
    events,
    [
      { name: 'failing', session: failing },
      { name: 'other', session: other },
    ],
    { warn },
  );
  emit();
  await Promise.resolve();
  emit();
  events.complete();
  await ended;
  t.deepEqual(failing.seen, [0]);
  t.deepEqual(other.seen, [0, 1, 2]);
  t.deepEqual(warnings, ["observer 'failing' failed: no disk; the run goes on without it"]);
  t.is(failing.completed, 1);
});

test('an observer that rejects is detached with one warning', async (t) => {
  const failing = recorder(() => Promise.reject(new Error('late')));
  const { events, warnings, ended } = setUp({ failing });
  for (const event of steps(3)) events.next(event);
  await sleep(1);
  events.complete();
  await ended;
  t.deepEqual(failing.seen, [0]);
  t.deepEqual(warnings, ["observer 'failing' failed: late; the run goes on without it"]);
  t.is(failing.completed, 1);
});

test('a slow observer loses steps, the oldest first, and nothing else', async (t) => {
  let release = (): void => {};
  const slow = recorder(() => new Promise<void>((resolve) => (release = resolve)));
  const { events, warnings, ended } = setUp({ slow }, { buffer: 4 });
  const stream = numbered([...Array.from({ length: 6 }, (_, index) => step(index + 1)), epochEnded, epochEnded, done]);
  for (const event of stream) events.next(event);
  events.complete();
  for (let turn = 0; turn < 9; turn++) {
    release();
    await sleep(0);
  }
  await ended;
  t.deepEqual(slow.seen, [0, 5, 6, 7, 8]);
  t.deepEqual(warnings, ["observer 'slow' was slow: 4 steps were left out"]);
});

test('an observer that hangs is left behind, in an event or at the end', async (t) => {
  const hanging = recorder(() => new Promise(() => {}));
  const endless = { ...recorder(), complete: () => new Promise<void>(() => {}) };
  const { events, warnings, ended } = setUp({ hanging, endless }, { patience: 50 });
  for (const event of steps(3)) events.next(event);
  events.complete();
  await ended;
  t.is(hanging.completed, 1);
  t.deepEqual(warnings.sort(), [
    "observer 'endless' did not end within 0.05 s",
    "observer 'hanging' did not keep up and was left behind; the run goes on without it",
  ]);
});

test('observers are completed when the run fails', async (t) => {
  const session = recorder();
  const { events, ended } = setUp({ session });
  events.error(new Error('diverged'));
  await ended;
  t.is(session.completed, 1);
});

test('an error while completing is a warning', async (t) => {
  const session = {
    ...recorder(),
    complete: () => {
      throw new Error('cannot close');
    },
  };
  const { events, warnings, ended } = setUp({ session });
  events.complete();
  await ended;
  await Promise.resolve();
  t.deepEqual(warnings, ["observer 'session' failed: cannot close; the run goes on without it"]);
});

test('the run goes without observers that do not start', async (t) => {
  const observer = (name: string, start: Observer['start']): Chosen<Observer> => ({
    definition: defineObserver({ name, summary: '', options: z.unknown(), start }),
    options: {},
  });
  const late = recorder();
  const warnings: string[] = [];
  const sessions = await startObservers(
    [
      observer('good', () => recorder()),
      observer('throws', () => {
        throw new Error('no folder');
      }),
      observer('hangs', () => sleep(100, late)),
    ],
    { folder: '.', firstSequence: 0, interactive: false, warn: (message) => warnings.push(message) },
    { patience: 20 },
  );
  t.deepEqual(
    sessions.map(({ name }) => name),
    ['good'],
  );
  t.deepEqual(warnings, [
    "observer 'throws' failed to start: no folder; the run goes without it",
    "observer 'hangs' did not start within 0.02 s; the run goes without it",
  ]);
  await sleep(120);
  t.is(late.completed, 1);
});
