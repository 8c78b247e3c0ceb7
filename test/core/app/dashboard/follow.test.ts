import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { RunFollower } from '../../../../core/app/dashboard/follow.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { addEvents, lines, madeUpRun, STARTED, stepEvent } from './made-up.js';

test('however many steps a run has, its curve has a bounded number of points that keep its mean', (t) => {
  const total = 20_000;
  const steps = Array.from({ length: total }, (_, at) => stepEvent(at + 1, total));
  const run = madeUpRun(temporaryFolder(t), { name: 'long', events: [STARTED, ...steps] });
  const follower = new RunFollower(join(run, 'events.jsonl'));
  follower.look();
  const [training] = follower.trainings;
  t.is(training?.step, total);
  const points = training?.steps ?? [];
  t.true(points.length >= 500 && points.length <= 1000);
  const mean = points.reduce((sum, { loss }) => sum + loss, 0) / points.length;
  t.true(Math.abs(mean - 1.5) < 0.01, String(mean));
});

test('reads what was added, a line that was cut off once it is whole, and a file that began anew from its start', (t) => {
  const run = madeUpRun(temporaryFolder(t), { name: 'run', events: [STARTED, stepEvent(1)] });
  const file = join(run, 'events.jsonl');
  const follower = new RunFollower(file);
  follower.look(0);
  const [whole = ''] = lines([stepEvent(2)]).split('\n');
  writeFileSync(file, whole.slice(0, 30), { flag: 'a' });
  follower.look(1000);
  t.is(follower.trainings[0]?.step, 1);
  writeFileSync(file, `${whole.slice(30)}\n`, { flag: 'a' });
  follower.look(2000);
  t.is(follower.trainings[0]?.step, 2);
  t.is(follower.imagesPerSecond, 32);
  writeFileSync(file, lines([{ ...STARTED, entrant: 'other' }]));
  follower.look();
  t.deepEqual(
    follower.trainings.map(({ entrant, step }) => [entrant, step]),
    [['other', 0]],
  );
});

test('what is no event of ours is passed over', (t) => {
  const run = madeUpRun(temporaryFolder(t), { name: 'run', events: [STARTED] });
  writeFileSync(join(run, 'events.jsonl'), '\u0000\n{"type":"step","step":"<b>"}\n[1]\n', { flag: 'a' });
  addEvents(run, [stepEvent(7)]);
  const follower = new RunFollower(join(run, 'events.jsonl'));
  follower.look();
  t.is(follower.trainings[0]?.step, 7);
  t.notThrows(() => new RunFollower(join(run, 'missing.jsonl')).look());
});
