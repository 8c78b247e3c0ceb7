import type { LoadedComparison } from './load.js';
import { type Estimate, estimate, pairedDifference } from './statistics.js';
import type { TrialRecord } from './trial.js';

type Done = Extract<TrialRecord, { status: 'done' }>;

/** One entrant over all its seeds. */
export interface EntrantReport {
  readonly entrant: string;
  readonly trials: number;
  readonly failed: readonly { readonly seed: number; readonly reason: string }[];
  /** Test accuracy of the fused network. */
  readonly accuracy?: Estimate;
  /** Difference in accuracy to another entrant, paired by seed. */
  readonly overPlain?: Estimate;
  readonly overRandom?: Estimate;
  readonly trainingSeconds?: Estimate;
  readonly searchSeconds?: Estimate;
  readonly peakMiB?: Estimate;
  readonly trainingForm?: { readonly parameters: number; readonly macs: number };
  readonly fusedForm?: { readonly parameters: number; readonly macs: number };
  /** Milliseconds for one image: medians over the seeds, and the worst p99. */
  readonly latency?: {
    readonly unfused: number;
    readonly fused: number;
    readonly fusedP99: number;
    readonly samples: number;
  };
  /** In how many of the seeds each block kept each branch op. */
  readonly kept?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface Report {
  readonly comparison: string;
  readonly seeds: readonly number[];
  /** What measured it. */
  readonly engine: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly entrants: readonly EntrantReport[];
}

/** Puts the records of all trials together. */
export function createReport(comparison: LoadedComparison, records: readonly TrialRecord[]): Report {
  const done = records.filter((record): record is Done => record.status === 'done');
  const accuracies = new Map(
    comparison.entrants.map(
      (entrant) => [entrant, bySeed(done, entrant, ({ result }) => result.accuracy.fused)] as const,
    ),
  );
  const first = done[0]?.result;
  return {
    comparison: comparison.name,
    seeds: comparison.seeds,
    engine: first?.engine ?? 'none',
    device: first?.device ?? 'none',
    versions: first?.versions ?? {},
    entrants: comparison.entrants.map((entrant) => entrantReport(entrant, records, done, accuracies)),
  };
}

const bySeed = (done: readonly Done[], entrant: string, read: (record: Done) => number): ReadonlyMap<number, number> =>
  new Map(done.filter((record) => record.entrant === entrant).map((record) => [record.seed, read(record)] as const));

function entrantReport(
  entrant: string,
  records: readonly TrialRecord[],
  done: readonly Done[],
  accuracies: ReadonlyMap<string, ReadonlyMap<number, number>>,
): EntrantReport {
  const own = done.filter((record) => record.entrant === entrant);
  const failed = records.flatMap((record) =>
    record.entrant === entrant && record.status === 'failed' ? [{ seed: record.seed, reason: record.reason }] : [],
  );
  const base = { entrant, trials: own.length, failed };
  if (own.length === 0) return base;
  const over = (other: string): Estimate | undefined => {
    const theirs = accuracies.get(other);
    return other === entrant || !theirs ? undefined : pairedDifference(accuracies.get(entrant) ?? new Map(), theirs);
  };
  const [overPlain, overRandom] = [over('plain'), over('random')];
  const each = (read: (record: Done) => number): number[] => own.map(read);
  const cost = own[0]?.result.cost;
  return {
    ...base,
    accuracy: estimate(each(({ result }) => result.accuracy.fused)),
    ...(overPlain && { overPlain }),
    ...(overRandom && { overRandom }),
    trainingSeconds: estimate(each(({ measured }) => measured.trainingSeconds)),
    searchSeconds: estimate(each(({ measured }) => measured.searchSeconds)),
    peakMiB: estimate(each(({ measured }) => measured.peakMiB)),
    ...(cost && { trainingForm: cost.training, fusedForm: cost.fused }),
    latency: {
      unfused: median(each(({ measured }) => measured.latency.unfused.median)),
      fused: median(each(({ measured }) => measured.latency.fused.median)),
      fusedP99: Math.max(...each(({ measured }) => measured.latency.fused.p99)),
      samples: each(({ measured }) => measured.latency.fused.samples).reduce((a, b) => a + b, 0),
    },
    kept: keptCounts(own),
  };
}

function keptCounts(own: readonly Done[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { result } of own) {
    for (const [block, branches] of Object.entries(result.architecture)) {
      counts[block] ??= {};
      const row = counts[block];
      for (const branch of branches) row[branch] = (row[branch] ?? 0) + 1;
    }
  }
  return counts;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
