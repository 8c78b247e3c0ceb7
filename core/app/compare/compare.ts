import { resolve } from 'node:path';
import { describe } from './describe.js';
import {
  type EntrantDescription,
  hasDescription,
  type InTimeOf,
  readDescription,
  refuseChanges,
  writeDescription,
} from './description.js';
import { epochsInTime, inTimeOf, nameInTime } from './equal-time.js';
import { enterFolder, makeFolders } from './folder.js';
import { type LoadedComparison, loadComparison, type Trial } from './load.js';
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
    const before = hasDescription(out) ? readDescription(out) : undefined;
    if (before) refuseChanges(out, before, description);
    const again = inTimeOf(comparison);
    const known = before?.entrants.filter((entrant) => again.some((one) => nameInTime(one) === entrant.name)) ?? [];
    writeDescription(out, { ...description, entrants: [...description.entrants, ...known] });
    makeFolders(out);
    const records = new TrialRecords(out);
    const run = (trials: readonly Trial[]): Promise<void> =>
      runTrials(records.missing(trials), {
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
    const later = again.flatMap((one) => comparison.seeds.map((seed) => ({ name: `${nameInTime(one)}-${seed}` })));
    const planned = [...comparison.trials, ...later];
    options.onBegin?.(planned.length, planned.length - records.missing(planned).length);
    await run(comparison.trials);
    if (!signal.aborted && again.length > 0) {
      const { described, trials } = await secondRound(comparison, again, records.all, known);
      writeDescription(out, { ...description, entrants: [...description.entrants, ...described] });
      await run(trials);
    }
    const read = readComparison(out);
    return { report: read.report, files: await writeReport(out, read), interrupted: signal.aborted };
  } finally {
    leave();
  }
}

/** The entrants that train once more, now that it is known for how long; without those whose time is not known, every trial of it having failed. */
async function secondRound(
  comparison: LoadedComparison,
  again: readonly InTimeOf[],
  records: readonly TrialRecord[],
  before: readonly EntrantDescription[],
): Promise<{ readonly described: readonly EntrantDescription[]; readonly trials: readonly Trial[] }> {
  const variants = await Promise.all(
    again.flatMap((one) => {
      const epochs = epochsInTime(one, { entrants: comparison.entrants, records, before });
      return epochs ? [comparison.variant(nameInTime(one), one.base, { train: { epochs } })] : [];
    }),
  );
  const { entrants } = await describe({ ...comparison, entrants: variants.map(({ entrant }) => entrant) });
  return {
    described: entrants.map((entrant) => {
      const inTimeOf = again.find((one) => nameInTime(one) === entrant.name);
      return { ...entrant, ...(inTimeOf && { inTimeOf }) };
    }),
    // Whole seeds first, as in the first round.
    trials: comparison.seeds.flatMap((seed) =>
      variants.flatMap(({ trials }) => trials.filter((trial) => trial.seed === seed)),
    ),
  };
}
