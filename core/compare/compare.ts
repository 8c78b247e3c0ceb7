import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../files/index.js';
import { lockFolder } from '../run/lock.js';
import { readCurves } from './curves.js';
import { type LoadedComparison, loadComparison, type Trial } from './load.js';
import { TrialRecords } from './records.js';
import { createReport, type Report } from './report.js';
import { runTrials } from './runner.js';
import type { TrialRecord } from './trial.js';
import { csv, markdown } from './words.js';

export interface CompareOptions {
  /** Folder of the comparison: a run folder for each trial, `trials.jsonl` and the report. */
  readonly out: string;
  /** Trials at the same time. @default 1 */
  readonly jobs?: number;
  /** Run only what is missing. @default false */
  readonly resume?: boolean;
  readonly set?: readonly string[];
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  onStart?(trial: Trial, attempt: number, total: number): void;
  onRecord?(record: TrialRecord, done: number, total: number): void;
}

/** What a comparison came to: its report, and the files it is in. */
export interface ComparisonOutcome {
  readonly report: Report;
  readonly files: readonly string[];
  readonly interrupted: boolean;
}

/** Runs every entrant with every seed, each in a process of its own, and writes the report. @throws ConfigError before anything runs. */
export async function compare(source: string, options: CompareOptions): Promise<ComparisonOutcome> {
  const { jobs = 1, resume = false, set = [], cwd = process.cwd(), signal = new AbortController().signal } = options;
  const out = resolve(cwd, options.out);
  const comparison = await loadComparison(source, cwd, set);
  mkdirSync(out, { recursive: true });
  const { release } = lockFolder(out);
  try {
    const records = new TrialRecords(out, resume);
    const total = comparison.trials.length;
    const waiting = records.missing(comparison.trials);
    let done = total - waiting.length;
    await runTrials(waiting, {
      jobs,
      out,
      cwd: comparison.folder,
      set,
      signal,
      onStart: (trial, attempt) => options.onStart?.(trial, attempt, total),
      onRecord: (record) => {
        records.add(record);
        options.onRecord?.(record, ++done, total);
      },
    });
    const report = createReport(comparison, records.of(comparison.trials));
    return { report, files: await writeReport(out, comparison, report), interrupted: signal.aborted };
  } finally {
    release();
  }
}

async function writeReport(out: string, comparison: LoadedComparison, report: Report): Promise<string[]> {
  const [{ pictures }, { html }] = await Promise.all([import('./pictures.js'), import('./html.js')]);
  const { curves, gates } = readCurves(out, comparison.trials);
  const files: Record<string, string> = {
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'report.md': markdown(report),
    'report.csv': csv(report),
    'report.html': html(report, pictures(report, curves, gates)),
  };
  for (const [name, text] of Object.entries(files)) writeFileAtomic(join(out, name), text);
  return Object.keys(files).map((name) => join(out, name));
}
