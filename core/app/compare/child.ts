import { fork } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPARISON } from './layout.js';
import type { TrialAnswer, TrialMessage } from './messages.js';
import type { TrialControl, TrialOrder } from './trial.js';

/** Characters of what a process said last that go into the reason of its failure. */
const LAST_WORDS = 500;

/** Runs one trial in a process of its own. Settles when that has ended, however it did. */
export function inChild(order: TrialOrder, jobs: number, { signal, progress }: TrialControl): Promise<TrialAnswer> {
  const log = join(order.out, COMPARISON.logs, `${order.trial.name}.log`);
  const output = openSync(log, 'a');
  const { size: begin } = fstatSync(output);
  const child = fork(fileURLToPath(new URL('./trial-process.js', import.meta.url)), [], {
    stdio: ['ignore', output, output, 'ipc'],
    env: { ...threads(jobs), ...process.env },
  });
  closeSync(output);
  return new Promise((settle) => {
    let answer: TrialAnswer | undefined;
    let failure = '';
    const stop = (): void => void child.kill('SIGINT');
    signal.addEventListener('abort', stop, { once: true });
    child.on('message', (message) => {
      const given = message as TrialMessage;
      if (given.status === 'running') progress(given.share);
      else answer = given;
    });
    child.on('error', (error) => {
      failure = error.message;
      // One that could not be started has no end of its own.
      if (child.pid === undefined) settle({ status: 'failed', reason: failure });
    });
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      const how = killedBy ? `killed by ${killedBy}` : `exit code ${code}`;
      const said = [failure, wordsSince(log, begin)].join(' ').trim();
      settle(answer ?? { status: 'failed', reason: `the process ended without an answer (${how}); ${log}: ${said}` });
    });
    child.send(order, (error) => {
      if (error) failure = error.message;
    });
  });
}

/** Trials at the same time share the cores; an engine that used all of them in each would wait for itself. */
const threads = (jobs: number): NodeJS.ProcessEnv =>
  jobs > 1 ? { OMP_NUM_THREADS: String(Math.max(1, Math.floor(availableParallelism() / jobs))) } : {};

const wordsSince = (log: string, begin: number): string =>
  readFileSync(log).subarray(begin).toString('utf8').trim().slice(-LAST_WORDS);
