import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fuseNetwork } from '../../reparam/network/fuse.js';
import { RUN_FILES } from '../../run/folder/layout.js';
import { LockedError } from '../../run/errors.js';
import { reopenRun } from '../../run/reopen.js';
import type { RunResult, TrainingResult } from '../../run/result.js';
import { createRun } from '../../run/run.js';
import { type Spent, TrialClock } from './clock.js';
import type { Latency } from '../timing/index.js';
import { measureLatency } from './latency.js';
import { COMPARISON } from './layout.js';
import type { Trial } from './load.js';

/** How long each latency is measured. */
const LATENCY_MS = 500;

/** How long a trial waits for the process that an earlier comparison left in its folder, and that is about to end. */
const ORPHAN_MS = 60_000;

/** What one trial came to. One JSON line each. */
export type TrialRecord = Pick<Trial, 'entrant' | 'seed' | 'name'> & {
  /** How often it was begun or gone on with until it came to this. */
  readonly attempts: number;
  /** Trials that ran at the same time. */
  readonly jobs: number;
} & (
    | { readonly status: 'done'; readonly result: TrainingResult; readonly measured: Measured }
    | { readonly status: 'failed'; readonly reason: string }
  );

/** What was measured beside the result; by the clock and the memory of the trial's own process. */
export interface Measured extends Spent {
  readonly latency: Latency;
}

/** What a trial's process is told. */
export interface TrialOrder {
  readonly trial: Trial;
  /** Folder of the comparison. */
  readonly out: string;
  readonly cwd: string;
  readonly set: readonly string[];
}

export interface TrialControl {
  readonly signal: AbortSignal;
  /** Called with the share of its steps that is done. */
  progress(share: number): void;
}

/** Runs one trial in this process, from its newest checkpoint where it has one, and measures it. @throws what the run throws; InterruptedError when it was stopped. */
export async function runTrial(
  order: TrialOrder,
  control: TrialControl,
): Promise<{ readonly result: TrainingResult; readonly measured: Measured }> {
  const { trial, out } = order;
  const resume = existsSync(join(out, COMPARISON.runs, trial.name, RUN_FILES.config));
  const clock = new TrialClock(join(out, COMPARISON.clocks, `${trial.name}.json`), resume);
  const { main, folder } = await train(order, control, clock, resume);
  return { result: main, measured: { ...clock.spent(), latency: await latencyOf(folder) } };
}

async function train(order: TrialOrder, control: TrialControl, clock: TrialClock, resume: boolean): Promise<RunResult> {
  const { trial, out, cwd, set } = order;
  const until = performance.now() + ORPHAN_MS;
  for (;;) {
    const run = createRun(trial.config, {
      cwd,
      set: [...set, `out=${JSON.stringify(join(out, COMPARISON.runs))}`],
      name: trial.name,
      resume,
      signal: control.signal,
      interactive: false,
    });
    run.events$.subscribe({
      next: (event) => {
        clock.see(event);
        if (event.type === 'step') control.progress(event.step / event.totalSteps);
      },
      error: () => undefined,
    });
    try {
      return await run.done;
    } catch (error) {
      if (control.signal.aborted) clock.save();
      if (!(error instanceof LockedError) || control.signal.aborted || performance.now() > until) throw error;
      await setTimeout(200);
    }
  }
}

async function latencyOf(folder: string): Promise<Latency> {
  const { candidate, parts, close } = await reopenRun(folder, { trustPlugins: true, warn: () => undefined });
  try {
    const { supernet } = candidate;
    const metadata = { classes: [], normalisation: { mean: [], deviation: [] }, architecture: {}, certificate: {} };
    return await measureLatency(supernet, fuseNetwork(supernet, parts.fuser, metadata), LATENCY_MS);
  } finally {
    await close();
  }
}
