import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { comparisonFolder, isAlive, recordsOf, repnas } from './processes.js';
import { COMPARISON } from './tiny.js';

const LONG = {
  ...COMPARISON,
  shared: { ...COMPARISON.shared, train: { ...COMPARISON.shared.train, epochs: { warmUp: 1, search: 1, frozen: 60 } } },
  entrants: { plain: COMPARISON.entrants.plain, random: COMPARISON.entrants.random },
};

test('a comparison goes on by itself, is asked after and stopped from elsewhere, and is resumed', async (t) => {
  const folder = comparisonFolder(t, LONG);
  const out = join(folder, 'out');
  const say = (...args: string[]) => repnas(folder, ...args).ended;
  const started = await say('compare', 'comparison.json', '--out', 'out', '--detach');
  t.is(started.code, 0, started.stderr);
  const pid = Number(/process (\d+) works in out; what it says is in out\.log/.exec(started.stdout)?.[1]);
  t.true(isAlive(pid));
  const status = async () => (await say('status', '.')).stdout;
  while (!/plain-0 +running +[1-9]/.test(await status())) await setTimeout(200);
  t.regex(await status(), /out +running/);
  const stopped = await say('stop', 'out');
  t.is(stopped.code, 0, stopped.stderr);
  t.is(stopped.stdout, `process ${pid} has stopped; go on with --resume\n`);
  t.true(recordsOf(out).length < 4);
  t.regex(readFileSync(join(folder, 'out.log'), 'utf8'), /interrupted; go on with --resume/);
  t.regex(await status(), /out +stopped/);
  const again = await say('stop', 'out');
  t.is(again.code, 2);
  t.regex(again.stderr, /out: no run or comparison is at work there/);
});

test('what is wrong with a comparison is told before it is left alone', async (t) => {
  const folder = comparisonFolder(t, { ...LONG, entrants: { plain: { strategy: 'plian' }, b: { strategy: 'plain' } } });
  const { code, stderr } = await repnas(folder, 'compare', 'comparison.json', '--out', 'out', '--detach').ended;
  t.is(code, 2);
  t.regex(stderr, /entrants\.plain: strategy/);
});
