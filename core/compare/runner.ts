import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Trial } from './load.js';
import type { Measured, TrialRecord } from './trial.js';
import type { TrainingResult } from '../run/result.js';

/** What a trial's process is told. */
export interface TrialOrder {
  readonly trial: Trial;
  readonly out: string;
  readonly cwd: string;
  readonly set: readonly string[];
}

/** What a trial's process answers. */
export type TrialAnswer =
  | { readonly status: 'done'; readonly result: TrainingResult; readonly measured: Measured }
  | { readonly status: 'failed'; readonly reason: string };

export interface RunTrialsOptions extends Omit<TrialOrder, 'trial'> {
  /** Trials that run at the same time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  onStart(trial: Trial, attempt: number): void;
  onRecord(record: TrialRecord): void;
}

/** A trial that fails is tried once more: a crash may be the machine's fault. */
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

async function attempt(trial: Trial, options: RunTrialsOptions): Promise<TrialRecord | undefined> {
  const { entrant, seed, ownSeed, name } = trial;
  let reason = '';
  for (let attempts = 1; attempts <= ATTEMPTS; attempts++) {
    options.onStart(trial, attempts);
    const answer = await inProcess(trial, options);
    if (options.signal.aborted) return undefined;
    if (answer.status === 'done') return { entrant, seed, ownSeed, name, attempts, ...answer };
    reason = answer.reason;
  }
  return { entrant, seed, ownSeed, name, status: 'failed', attempts: ATTEMPTS, reason };
}

function inProcess(trial: Trial, { out, cwd, set, signal }: RunTrialsOptions): Promise<TrialAnswer> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('./trial-process.js', import.meta.url)), [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const said: string[] = [];
    let answer: TrialAnswer | undefined;
    const stop = (): void => void end(child);
    signal.addEventListener('abort', stop, { once: true });
    child.stderr?.on('data', (data: Buffer) => {
      said.push(data.toString());
      if (said.length > 20) said.shift();
    });
    child.on('message', (message) => {
      answer = message as TrialAnswer;
    });
    child.on('error', (error) => said.push(error.message));
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      const how = killedBy ? `killed by ${killedBy}` : `exit code ${code}`;
      resolve(
        answer ?? {
          status: 'failed',
          reason: `the process ended without an answer (${how}) ${said.join('').slice(-500)}`.trim(),
        },
      );
    });
    const order: TrialOrder = { trial, out, cwd, set };
    child.send(order);
  });
}

/** The trial writes a checkpoint and ends. */
const end = (child: ChildProcess): boolean => child.kill('SIGINT');
