import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../child.js';
import { COMPARISON } from './layout.js';
import type { TrialAnswer, TrialMessage } from './messages.js';
import type { TrialControl, TrialOrder } from './trial.js';

/** Characters of what a process said last that go into the reason of its failure. */
const LAST_WORDS = 500;

/** Runs one trial in a process of its own. Settles when that has ended, however it did. */
export async function inChild(
  order: TrialOrder,
  jobs: number,
  { signal, progress }: TrialControl,
): Promise<TrialAnswer> {
  const log = join(order.out, COMPARISON.logs, `${order.trial.name}.log`);
  const output = openSync(log, 'a');
  const { size: begin } = fstatSync(output);
  let answer: TrialAnswer | undefined;
  let stop: (() => void) | undefined;
  const { how, error } = await runChild<TrialMessage>({
    module: new URL('./trial-process.js', import.meta.url),
    stdio: ['ignore', output, output, 'ipc'],
    env: { ...threads(jobs), ...process.env },
    order,
    onStart: (child) => {
      closeSync(output);
      stop = () => void child.kill('SIGINT');
      signal.addEventListener('abort', stop, { once: true });
    },
    onMessage: (message) => {
      if (message.status === 'running') progress(message.share);
      else answer = message;
    },
  });
  if (stop) signal.removeEventListener('abort', stop);
  const said = [error?.message ?? '', wordsSince(log, begin)].join(' ').trim();
  return answer ?? { status: 'failed', reason: `the process ended without an answer (${how}); ${log}: ${said}` };
}

/** Trials at the same time share the cores; an engine that used all of them in each would wait for itself. */
const threads = (jobs: number): NodeJS.ProcessEnv =>
  jobs > 1 ? { OMP_NUM_THREADS: String(Math.max(1, Math.floor(availableParallelism() / jobs))) } : {};

const wordsSince = (log: string, begin: number): string =>
  readFileSync(log).subarray(begin).toString('utf8').trim().slice(-LAST_WORDS);
