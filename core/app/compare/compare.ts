import { resolve } from 'node:path';
import { describe } from './describe.js';
import { hasDescription, readDescription, refuseChanges, writeDescription } from './description.js';
import { enterFolder, makeFolders } from './folder.js';
import { loadComparison, type Trial } from './load.js';
import { TrialRecords } from './records.js';
import { readComparison } from './report/read.js';
import type { Report } from './report/report.js';
import { writeReport } from './report/write.js';
import { runTrials } from './runner.js';
import type { TrialRecord } from './trial.js';

/** Where a comparison is written, and how its trials are run. */
export interface CompareOptions {
  /** Folder of the comparison: a run folder for each trial, `trials.jsonl` and the report. */
  readonly out: string;
  /** Trials at the same time. @default 1 */
  readonly jobs?: number | undefined;
  /** In place of the comparison's own seeds: how many, or which. */
  readonly seeds?: number | readonly number[] | undefined;
  /** Go on with the comparison of this folder: run only what is missing. @default false */
  readonly resume?: boolean | undefined;
  /** Replace the comparison of this folder. @default false */
  readonly force?: boolean | undefined;
  /** `key.path=value`, laid over every entrant. */
  readonly set?: readonly string[] | undefined;
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  /** Lets the running trials write a checkpoint and end, and begins no more. */
  readonly signal?: AbortSignal | undefined;
  /** Before the first trial: how many there are, and how many of them an earlier process ran. */
  readonly onBegin?: (total: number, done: number) => void;
  /** Told of each trial when it begins. */
  readonly onStart?: (trial: Trial, attempt: number) => void;
  /** While a trial runs: the share of its steps that is done. */
  readonly onProgress?: (trial: Trial, share: number) => void;
  /** Told of each trial when it has ended, failed ones too. */
  readonly onRecord?: (record: TrialRecord) => void;
}

/** What a comparison came to: its report, and the files it is in. */
export interface ComparisonOutcome {
  readonly report: Report;
  readonly files: readonly string[];
  readonly interrupted: boolean;
}

/**
 * Runs every entrant with every seed, each in a process of its own, and writes the report.
 *
 * @param source `repnas:NAME`, or the path of a file that lists entrants.
 * @throws ConfigError, or RefusedError naming the entrant, before anything runs; ConfigChangedError when a resumed comparison's
 * entrants are not what they were.
 */
export async function compare(source: string, options: CompareOptions): Promise<ComparisonOutcome> {
  const { jobs = 1, seeds, resume = false, force = false, set = [], cwd = process.cwd() } = options;
  const signal = options.signal ?? new AbortController().signal;
  const out = resolve(cwd, options.out);
  const comparison = await loadComparison(source, { cwd, set, seeds });
  const description = await describe(comparison);
  const leave = enterFolder(out, { force, resume });
  try {
    if (hasDescription(out)) refuseChanges(out, readDescription(out), description);
    writeDescription(out, description);
    makeFolders(out);
    const records = new TrialRecords(out);
    const missing = records.missing(comparison.trials);
    options.onBegin?.(comparison.trials.length, comparison.trials.length - missing.length);
    await runTrials(missing, {
      jobs,
      out,
      cwd: comparison.folder,
      set,
      signal,
      onStart: (trial, attempt) => options.onStart?.(trial, attempt),
      onProgress: (trial, share) => options.onProgress?.(trial, share),
      onRecord: (record) => {
        records.add(record);
        options.onRecord?.(record);
      },
    });
    const found = readComparison(out);
    return { report: found.report, files: await writeReport(out, found), interrupted: signal.aborted };
  } finally {
    leave();
  }
}
