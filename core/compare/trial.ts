import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRun } from '../run/run.js';
import { reopenRun } from '../run/reopen.js';
import type { TrainingResult } from '../run/result.js';
import { RUN_FILES } from '../run/layout.js';
import { type Latencies, measureLatencies } from './measure.js';
import type { Trial } from './load.js';

/** How long each latency is measured. */
const LATENCY_MS = 500;

/** What one trial came to. One JSON line each. */
export type TrialRecord = Pick<Trial, 'entrant' | 'seed' | 'ownSeed' | 'name'> &
  (
    | {
        readonly status: 'done';
        readonly attempts: number;
        readonly result: TrainingResult;
        readonly measured: Measured;
      }
    | { readonly status: 'failed'; readonly attempts: number; readonly reason: string }
  );

export interface Measured {
  /** Of search and training, evaluation included, without what an interruption cost. */
  readonly trainingSeconds: number;
  /** Part of it that the search took, before the architecture was decided. */
  readonly searchSeconds: number;
  /** Highest resident memory of the trial's process. */
  readonly peakMiB: number;
  readonly latency: Latencies;
}

/** Runs one trial in this process, from its newest checkpoint where it has one, and measures it. */
export async function runTrial(trial: Trial, out: string, cwd: string, set: readonly string[], signal: AbortSignal) {
  const resume = existsSync(join(out, trial.name, RUN_FILES.config));
  const began = performance.now();
  let searched = 0;
  const run = createRun(trial.config, {
    cwd,
    set: [...set, `out=${JSON.stringify(out)}`],
    name: trial.name,
    resume,
    signal,
    interactive: false,
  });
  run.events$.subscribe({
    next: (event) => {
      if (event.type === 'architecture' && searched === 0) searched = performance.now() - began;
    },
    error: () => undefined,
  });
  const { main, folder } = await run.done;
  const trainingSeconds = (performance.now() - began) / 1000;
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  const reopened = await reopenRun(folder, { warn: () => undefined });
  try {
    const events = reopened.finish({ exporters: [], write: async () => '' });
    let step = await events.next();
    while (!step.done) step = await events.next();
    const latency = await measureLatencies(reopened.contestant.supernet, step.value.fused, LATENCY_MS);
    const measured: Measured = { trainingSeconds, searchSeconds: searched / 1000, peakMiB, latency };
    return { result: main, measured };
  } finally {
    await reopened.close();
  }
}
