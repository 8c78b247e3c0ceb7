import { inChild } from './child.js';
import type { Trial } from './load.js';
import type { TrialOrder, TrialRecord } from './trial.js';

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
