import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { childrenOf, comparisonFolder, decided, isAlive, readReport, recordsOf, repnas, until } from './processes.js';
import { COMPARISON } from './tiny.js';

const COMPARE = ['compare', 'comparison.json', '--out', 'out'];

/** Long enough for a process to be caught in the middle of a trial. */
const LONGER = {
  ...COMPARISON,
  entrants: { plain: COMPARISON.entrants.plain, repnas: COMPARISON.entrants.repnas },
  shared: {
    ...COMPARISON.shared,
    dataset: { ...COMPARISON.shared.dataset, train: 480 },
    checkpoint: { everySteps: 5 },
  },
};

/** Of the comparison that nobody disturbs, which the others must come to as well. */
let expected: ReturnType<typeof decided>;

test.serial('every entrant is trained with every seed, and the report has what was measured of each', async (t) => {
  const folder = comparisonFolder(t, LONGER);
  const { code, stdout, stderr } = await repnas(folder, ...COMPARE, '--jobs', '2').ended;
  t.is(code, 0, stderr);
  const out = join(folder, 'out');
  const report = readReport(out);
  expected = decided(report);

  t.deepEqual(
    report.entrants.map(({ entrant, accuracy }) => [entrant, accuracy?.n]),
    [
      ['plain', 2],
      ['repnas', 2],
    ],
  );
  t.deepEqual(report.jobs, [2]);
  t.regex(report.measuredOn.join(), /^wasm \(.+\)$/);
  t.is(stdout, readFileSync(join(out, 'report.md'), 'utf8'));
  for (const name of ['report.csv', 'report-gates.csv', 'report.html']) t.true(existsSync(join(out, name)), name);

  const records = recordsOf(out);
  t.is(records.length, 4);
  for (const record of records) {
    if (record.status !== 'done') throw new Error(`${record.name} failed`);
    const { trainingSeconds, searchSeconds, searchSteps, peakMiB, latency } = record.measured;
    t.true(trainingSeconds > 0 && searchSeconds <= trainingSeconds && peakMiB > 60, record.name);
    t.is(searchSteps, record.entrant === 'repnas' ? 60 : 0, record.name);
    t.true(latency.fused.median > 0 && latency.fused.p99 >= latency.fused.median && latency.unfused.samples > 7);
    t.is(record.result.seed, record.seed);
  }
});

test.serial('a comparison whose process is killed goes on where it was, and comes to the same table', async (t) => {
  const folder = comparisonFolder(t, LONGER);
  const out = join(folder, 'out');
  const first = repnas(folder, ...COMPARE, '--jobs', '2');
  const second = join(out, 'trials/repnas-0/checkpoints');
  const running = () => recordsOf(out).length > 0 && existsSync(second) && readdirSync(second).length > 0;
  await until(running, 'a trial ran', first);
  const children = childrenOf(first.child.pid);
  t.true(children.length > 0);
  first.child.kill('SIGKILL');
  await first.ended;
  const before = recordsOf(out);
  t.true(before.length < 4);
  const soFar = await repnas(folder, 'report', 'out', '--json').ended;
  t.is(soFar.code, 0, soFar.stderr);
  t.is(JSON.parse(soFar.stdout).entrants[0].accuracy.n, before.filter(({ entrant }) => entrant === 'plain').length);
  const { code, stderr } = await repnas(folder, ...COMPARE, '--jobs', '2', '--resume').ended;
  t.is(code, 0, stderr);
  while (children.some(isAlive)) await setTimeout(10);
  t.deepEqual(decided(readReport(out)), expected);
  t.deepEqual(recordsOf(out).slice(0, before.length), before, 'nothing that was done is done again');
  t.is(recordsOf(out).length, 4);
});

test.serial('Ctrl-C lets trials write a checkpoint, reports what there is, and the rest is run later', async (t) => {
  const folder = comparisonFolder(t, LONGER);
  const out = join(folder, 'out');
  const first = repnas(folder, ...COMPARE);
  const second = join(out, 'trials/repnas-0/events.jsonl');
  const training = () => existsSync(second) && readFileSync(second, 'utf8').includes('"step"');
  await until(training, 'the second trial trained', first);
  first.child.kill('SIGINT');
  const stopped = await first.ended;
  t.is(stopped.code, 130, stopped.stderr);
  t.regex(stopped.stderr, /go on with --resume/);
  const partial = readReport(out);
  t.true((partial.entrants[0]?.accuracy?.n ?? 0) >= 1 && partial.entrants[1]?.accuracy === undefined);
  t.is((await repnas(folder, ...COMPARE).ended).code, 2, 'not without --resume');
  const { code, stderr } = await repnas(folder, ...COMPARE, '--resume').ended;
  t.is(code, 0, stderr);
  t.deepEqual(decided(readReport(out)), expected);
});

/** Kills the process it runs in, at the tenth step: always, or as long as a file is not there. */
const CRASHER = `
import { existsSync, writeFileSync } from 'node:fs';
import { API_VERSION, defineObserver, definePlugin } from 'repnas';
import { z } from 'zod';
const crasher = defineObserver({
  name: 'crasher',
  summary: 'kills its process',
  options: z.strictObject({ once: z.string().optional() }),
  start: (_, { once }) => ({
    next: (event) => {
      if (event.type !== 'step' || event.step !== 10 || (once && existsSync(once))) return;
      if (once) writeFileSync(once, '');
      process.kill(process.pid, 'SIGKILL');
    },
    complete: () => {},
  }),
});
export default definePlugin({ name: 'repnas-plugin-crasher', apiVersion: API_VERSION, setup: (host) => host.add('observer', crasher) });
`;

test.serial('a trial that crashes is tried once more, then reported as failed, and the rest goes on', async (t) => {
  const folder = comparisonFolder(t, {
    shared: { ...COMPARISON.shared, plugins: ['./crasher.mjs'] },
    entrants: {
      always: { strategy: 'plain', observers: [{ name: 'crasher' }] },
      once: { strategy: 'plain', observers: [{ name: 'crasher', once: 'marker' }] },
      diverges: { strategy: 'plain', train: { optimizer: { name: 'sgd', learningRate: 1e30 }, clip: false } },
      plain: { strategy: 'plain' },
    },
    seeds: [3],
  });
  writeFileSync(join(folder, 'crasher.mjs'), CRASHER);
  const out = join(folder, 'out');
  const { code, stderr } = await repnas(folder, ...COMPARE).ended;
  t.is(code, 1, stderr);
  const failures = (): Record<string, string> =>
    Object.fromEntries(readReport(out).entrants.map(({ entrant, failed }) => [entrant, failed[0]?.reason ?? '']));
  t.regex(failures()['always'] ?? '', /killed by SIGKILL/);
  t.regex(failures()['diverges'] ?? '', /became (NaN|Infinity) in step \d+/);
  t.is(failures()['once'], '');
  t.is(failures()['plain'], '');
  const attempts = Object.fromEntries(recordsOf(out).map(({ entrant, attempts }) => [entrant, attempts]));
  t.deepEqual(attempts, { always: 2, once: 2, diverges: 2, plain: 1 });
  t.regex(readFileSync(join(out, 'report.html'), 'utf8'), /2 trials failed/);

  const again = await repnas(folder, ...COMPARE, '--resume').ended;
  t.is(again.code, 1);
  t.is(recordsOf(out).filter(({ entrant }) => entrant === 'plain').length, 1, 'only what failed is run again');
});

test.serial('entrants that changed are not put into one table', async (t) => {
  const folder = comparisonFolder(t, { ...COMPARISON, seeds: [0] });
  t.is((await repnas(folder, ...COMPARE).ended).code, 0);
  const changed = await repnas(folder, ...COMPARE, '--resume', '--set', 'train.batchSize=8').ended;
  t.is(changed.code, 2);
  t.regex(changed.stderr, /entrants\.plain: train\.batchSize: was 16, is 8/);
  const more = await repnas(folder, ...COMPARE, '--resume', '--seeds', '0,4').ended;
  t.is(more.code, 0, more.stderr);
  t.deepEqual(readReport(join(folder, 'out')).seeds, [0, 4]);
  t.is(recordsOf(join(folder, 'out')).length, 6, 'the first seed was not run again');
  const other = await repnas(folder, 'compare', 'comparison.json', '--out', '.').ended;
  t.is(other.code, 2);
  t.regex(other.stderr, /is no comparison's folder/);
});

test.serial('what does not fit is told before the first trial', async (t) => {
  const folder = comparisonFolder(t, { ...COMPARISON, shared: { ...COMPARISON.shared, budget: { branches: 5000 } } });
  const { code, stderr } = await repnas(folder, ...COMPARE).ended;
  t.is(code, 2);
  t.regex(stderr, /entrant random: budget\.branches is 5000; expected between 1 and \d+/);
  t.false(existsSync(join(folder, 'out')));
});

test.serial(
  'an entrant trains again in the time of another one, and for the same epochs when it is gone on with',
  async (t) => {
    const folder = comparisonFolder(t, { ...LONGER, equalTime: { to: 'repnas', entrants: ['plain'] } });
    const out = join(folder, 'out');
    const first = await repnas(folder, ...COMPARE, '--jobs', '2').ended;
    t.is(first.code, 0, first.stderr);
    t.regex(first.stdout, /## At equal training time/);
    const again = () => readReport(out).entrants.find(({ entrant }) => entrant === 'plain-in-time-of-repnas');
    const found = again();
    t.is(found?.accuracy?.n, 2);
    t.is(found?.equalTime?.atEqualEpochs?.n, 2);
    t.is(found?.equalTime?.atEqualTime?.n, 2);
    t.true((found?.equalTime?.timeRatio?.mean ?? 0) > 0.3 && (found?.equalTime?.timeRatio?.mean ?? 9) < 3);
    t.deepEqual(
      readReport(out).entrants.map(({ entrant }) => entrant),
      ['plain', 'repnas', 'plain-in-time-of-repnas'],
    );
    const resumed = await repnas(folder, ...COMPARE, '--resume').ended;
    t.is(resumed.code, 0, resumed.stderr);
    t.is(recordsOf(out).length, 6, 'nothing is done again');
    t.deepEqual(again(), found);
  },
);
