/**
 * Runs trials, each in a process of its own, some at a time.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../child.js';
import { COMPARISON } from './layout.js';
import type { Trial } from './load.js';
import type { TrialAnswer, TrialMessage } from './messages.js';
import type { TrialControl, TrialOrder, TrialRecord } from './trial.js';

export interface RunTrialsOptions extends Omit<TrialOrder, 'trial'> {
  /** Trials that run at the same time. */
  readonly jobs: number;
  /** Lets the running trials write a checkpoint and end, and begins no more. */
  readonly signal: AbortSignal;
  onStart(trial: Trial, attempt: number): void;
  onProgress(trial: Trial, share: number): void;
  onRecord(record: TrialRecord): void;
}

/** A trial that fails is tried once more, from its newest checkpoint: a crash may be the machine's fault. */
const ATTEMPTS = 2;

/** Runs trials, each in a process of its own, a few at a time. One that fails twice is recorded as failed, and the rest goes on. */
export async function runTrials(trials: readonly Trial[], options: RunTrialsOptions): Promise<void> {
  const waiting = [...trials];
  const worker = async (): Promise<void> => {
    for (let trial = waiting.shift(); trial && !options.signal.aborted; trial = waiting.shift()) {
      const record = await attempt(trial, options);
      if (record) options.onRecord(record);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, trials.length) }, worker));
}

/** Nothing where it was interrupted. */
async function attempt(trial: Trial, options: RunTrialsOptions): Promise<TrialRecord | undefined> {
  const { out, cwd, set, jobs, signal } = options;
  const { entrant, seed, name } = trial;
  const about = { entrant, seed, name, jobs };
  for (let attempts = 1; ; attempts++) {
    options.onStart(trial, attempts);
    const progress = (share: number): void => options.onProgress(trial, share);
    const answer = await inChild({ trial, out, cwd, set }, jobs, { signal, progress });
    if (answer.status === 'done') return { ...about, attempts, ...answer };
    if (signal.aborted) return undefined;
    if (attempts === ATTEMPTS) return { ...about, attempts, ...answer };
  }
}

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
