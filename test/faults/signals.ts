import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createRandomSource } from '../../core/train/random/index.js';
import { newestWhole } from '../../core/run/checkpoint/read.js';
import { atRename } from './at-rename.js';
import { repnas, until } from './command.js';
import { type Findings, tally } from './findings.js';
import { decisive, differences, inFolder, SHORT_RUN, runArguments, runToEnd, writeConfig } from './short-run.js';

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Interrupts runs once: a checkpoint where they stopped, the right exit code, and the same bytes once they are resumed. */
export const interrupted = (count: number, seed: number): Promise<Findings> =>
  inFolder(async (folder) => {
    const config = writeConfig(folder);
    await runToEnd(config, join(folder, 'whole'));
    const expected = decisive(join(folder, 'whole', 'run'));
    const failures: string[] = [];
    const outcomes: string[] = [];
    for (let trial = 0; trial < count; trial++) {
      const random = createRandomSource(seed).stream('interrupt', trial);
      const signal = trial % 2 === 0 ? 'SIGINT' : 'SIGTERM';
      const out = join(folder, String(trial));
      const run = join(out, 'run');
      const step = `step-0000000${1 + random.integer(5)}`;
      const entrant = random.integer(2) === 0 ? run : join(run, 'baseline');
      const later = `setTimeout(() => process.kill(process.pid, '${signal}'), ${random.integer(30)});`;
      const env = atRename(folder, join(entrant, 'checkpoints', step), later);
      const { code, stderr } = await repnas(runArguments(config, out), { env }).ended;
      const told = `trial ${trial} (${signal} at ${step})`;
      if (code === 0) outcomes.push('over before it could be stopped');
      else {
        outcomes.push(`${signal} with exit code ${code}`);
        if (code !== CODES[signal]) failures.push(`${told}: exit code ${code}: ${stderr}`);
        if (!/go on with --resume/.test(stderr)) failures.push(`${told}: said ${stderr}`);
        if (readdirSync(run).includes('lock.json')) failures.push(`${told}: left its lock`);
        if (newestWhole(entrant).skipped.length > 0) failures.push(`${told}: left a checkpoint that is not whole`);
        const again = await runToEnd(config, out, '--resume');
        const other =
          again.code === 0 ? differences(expected, decisive(run)) : [`exit code ${again.code}: ${again.stderr}`];
        if (other.length > 0) failures.push(`${told}, resumed: ${other.join(', ')}`);
      }
    }
    return {
      what: 'SIGINT or SIGTERM: exit 130 or 143, resumed to the same bytes',
      tried: count,
      failures,
      detail: tally(outcomes),
    };
  });

/** Steps of a good part of a second on the slowest engine, and more of them than anybody waits for. */
const SLOW = {
  ...SHORT_RUN,
  dataset: { name: 'synthetic', shape: [16, 16, 3], classes: 3, train: 320, test: 8 },
  backbone: { name: 'vgg', depth: 11, width: 0.0625 },
  budget: { branches: 12 },
  train: { ...SHORT_RUN.train, epochs: { warmUp: 100, search: 1, frozen: 1 }, batchSize: 16 },
};

/** Training steps that a run in `out` has told of. */
function stepsIn(out: string): number {
  const events = join(out, 'run', 'events.jsonl');
  return existsSync(events) ? (readFileSync(events, 'utf8').match(/"type":"step"/g) ?? []).length : 0;
}

/** Interrupts runs twice while they compute. */
export const interruptedTwice = (): Promise<Findings> =>
  inFolder(async (folder) => {
    const config = writeConfig(folder, SLOW);
    const failures: string[] = [];
    const times: number[] = [];
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const out = join(folder, signal);
      const { child, ended } = repnas(runArguments(config, out));
      await until(() => stepsIn(out) > 0, ended);
      child.kill(signal);
      const before = stepsIn(out);
      await wait(20);
      const began = performance.now();
      child.kill(signal);
      const { code } = await ended;
      times.push(performance.now() - began);
      if (code !== CODES[signal]) failures.push(`${signal} twice: exit code ${code}`);
      // The one that was being computed.
      const more = stepsIn(out) - before;
      if (more > 1) failures.push(`${signal} twice: ${more} more steps`);
    }
    return {
      what: 'SIGINT or SIGTERM twice: ends as soon as the running step is computed',
      tried: times.length,
      failures,
      detail: `after ${Math.max(...times).toFixed(0)} ms at most`,
    };
  });

/** Two processes on one run folder, and the lock of one that was killed. */
export const oneProcessAtATime = (): Promise<Findings> =>
  inFolder(async (folder) => {
    const config = writeConfig(folder, SLOW);
    const failures: string[] = [];
    const first = repnas(runArguments(config, folder));
    await until(() => existsSync(join(folder, 'run', 'lock.json')), first.ended);
    for (const more of [['--resume'], ['--force'], []]) {
      const second = await runToEnd(config, folder, ...more);
      const named = more.length === 0 ? second.code === 2 : second.stderr.includes(`process ${first.child.pid}`);
      if (second.code !== 2 || !named)
        failures.push(`a second process (${more}): exit code ${second.code}: ${second.stderr}`);
      if (first.child.exitCode !== null) failures.push('the first was over before the second came');
    }
    first.child.kill('SIGKILL');
    await first.ended;
    const third = repnas(runArguments(config, folder, '--resume'));
    let said = '';
    third.child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    await until(() => /resumed from|begins anew/.test(said), third.ended);
    if (third.child.exitCode !== null) failures.push(`after the first was killed: ${said}`);
    third.child.kill('SIGKILL');
    await third.ended;
    return {
      what: 'a second process on a run folder is refused; a dead one is succeeded',
      tried: 4,
      failures,
      detail: '3 refused, 1 took over',
    };
  });
