import { differences } from '../../../run/folder/changes.js';
import type { TrainingResult } from '../../../run/result.js';
import type { ComparisonDescription, EntrantDescription } from '../description.js';
import { type BySeed, detectable, type Estimate, estimate, median, paired } from '../statistics.js';
import type { Measured, TrialRecord } from '../trial.js';
import type { History } from './history.js';
import { type SearchReport, searchReport } from './search.js';

/** A trial that came to a result; a run of its own has nothing measured. */
export interface DoneTrial {
  readonly status: 'done';
  readonly entrant: string;
  readonly seed: number;
  readonly attempts: number;
  readonly jobs: number;
  readonly result: TrainingResult;
  readonly measured?: Measured | undefined;
}

/** What a report is made of: trials of a comparison, or what a run trained. */
export type ReportedTrial = DoneTrial | Extract<TrialRecord, { readonly status: 'failed' }>;

/** Milliseconds of one inference: the median over the seeds of each one's median, the highest p99, all samples. */
export interface LatencyReport {
  readonly median: number;
  readonly p99: number;
  readonly samples: number;
}

/** Compares an entrant's gain at equal epochs with its gain over an entrant that trained for the same time. */
export interface EqualTimeReport {
  /** The entrant that was trained again. */
  readonly base: string;
  /** The entrant whose time it got. */
  readonly to: string;
  /** Accuracy of `to` over `base` at the same number of epochs, paired by seed. */
  readonly atEqualEpochs?: Estimate;
  /** Accuracy of `to` over this entrant, paired by seed. */
  readonly atEqualTime?: Estimate;
  /** Its training time over that of `to`, paired by seed. */
  readonly timeRatio?: Estimate;
}

/** One entrant over all its seeds. */
export interface EntrantReport {
  readonly entrant: string;
  readonly strategy: string;
  /** Values of its config in which entrants differ, by key path. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly failed: readonly { readonly seed: number; readonly reason: string }[];
  /** Share of test images that the fused network names rightly. */
  readonly accuracy?: Estimate;
  /** Difference in accuracy to other entrants by their names, paired by seed. */
  readonly over: Readonly<Record<string, Estimate>>;
  /** The smallest difference to each that so many seeds would show, at a level of 5 % and a power of 80 %. */
  readonly detectable: Readonly<Record<string, number>>;
  /** In how many of the seeds each block kept each branch op. */
  readonly kept: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly trainingForm?: { readonly parameters: Estimate; readonly macs: Estimate };
  readonly fusedForm?: { readonly parameters: Estimate; readonly macs: Estimate };
  /** Without evaluations. */
  readonly trainingSeconds?: Estimate;
  /** Training time over that of other entrants, paired by seed. */
  readonly timesTraining: Readonly<Record<string, Estimate>>;
  /** If it was trained once more in the time of another entrant: what that one gained over it. Absent: it was not. */
  readonly equalTime?: EqualTimeReport;
  /** Part of the training until the architecture was decided. */
  readonly searchSeconds?: Estimate;
  readonly searchSteps?: Estimate;
  /** How often each gate was sampled, and how its rank moved. Absent: no gate was. */
  readonly search?: SearchReport;
  /** Highest resident memory of the process that trained. */
  readonly peakMiB?: Estimate;
  readonly latency?: {
    readonly batch: number;
    readonly unfused: LatencyReport;
    readonly fused: LatencyReport;
    /** Unfused over fused, seed by seed. */
    readonly speedUp: Estimate;
  };
  /** Which engines, on which devices, trained and measured it. */
  readonly measuredOn: readonly string[];
}

/**
 * What a comparison came to: for every entrant accuracy with intervals over seeds, cost, latency and chosen branches; what `report.json`
 * holds.
 */
export interface Report {
  readonly format: 'repnas-report';
  readonly version: 1;
  readonly comparison: string;
  readonly seeds: readonly number[];
  readonly against: readonly string[];
  /** How many trials ran at the same time; more than one number where that changed. */
  readonly jobs: readonly number[];
  readonly testImages: readonly number[];
  readonly measuredOn: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly entrants: readonly EntrantReport[];
  /** How many trials the comparison has, and what became of them so far. */
  readonly trials: { readonly planned: number; readonly done: number; readonly failed: number };
}

/** Puts the records of all trials together, the newest of each, of the entrants and seeds described, with what their searches did. */
export function createReport(
  description: ComparisonDescription,
  records: readonly ReportedTrial[],
  { gates }: Pick<History, 'gates'> = { gates: [] },
): Report {
  const { name, seeds, against, entrants } = description;
  const byTrial = new Map(records.map((record) => [`${record.entrant}/${record.seed}`, record] as const));
  // In the order of the comparison, not in that in which trials came to an end: sums of floats depend on it.
  const newest = entrants.flatMap((entrant) => seeds.flatMap((seed) => byTrial.get(`${entrant.name}/${seed}`) ?? []));
  const done = newest.filter((record) => record.status === 'done');
  return {
    format: 'repnas-report',
    version: 1,
    comparison: name,
    seeds,
    against,
    jobs: distinct(done.map(({ jobs }) => jobs)),
    testImages: distinct(done.map(({ result }) => result.testImages)),
    measuredOn: distinct(done.map(placeOf)),
    versions: done[0]?.result.versions ?? {},
    trials: { planned: entrants.length * seeds.length, done: done.length, failed: newest.length - done.length },
    entrants: entrants.map((entrant) => ({
      ...entrantReport(entrant, done, against),
      ...present({ search: searchReport(entrant, gates) }),
      settings: settingsOf(entrant, entrants),
      failed: newest.flatMap((record) =>
        record.entrant === entrant.name && record.status === 'failed'
          ? [{ seed: record.seed, reason: record.reason }]
          : [],
      ),
    })),
  };
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

const placeOf = ({ result }: DoneTrial): string => `${result.engine} (${result.device})`;

function entrantReport(
  { name, strategy, inTimeOf }: EntrantDescription,
  done: readonly DoneTrial[],
  against: readonly string[],
): Omit<EntrantReport, 'failed' | 'settings' | 'search'> {
  const own = done.filter(({ entrant }) => entrant === name);
  const by = (entrant: string, read: (trial: DoneTrial) => number | undefined): BySeed =>
    new Map(
      done.flatMap((trial) => {
        const value = trial.entrant === entrant ? read(trial) : undefined;
        return value === undefined ? [] : [[trial.seed, value] as const];
      }),
    );
  const of = (read: (trial: DoneTrial) => number | undefined) => estimate(by(name, read));
  const between = (
    a: string,
    b: string,
    read: (trial: DoneTrial) => number | undefined,
    combine: (a: number, b: number) => number,
  ) => estimate(paired(by(a, read), by(b, read), combine));
  const versus = (read: (trial: DoneTrial) => number | undefined, combine: (a: number, b: number) => number) =>
    Object.fromEntries(
      against.flatMap((other) => {
        const found = other === name ? undefined : between(name, other, read, combine);
        return found ? [[other, found] as const] : [];
      }),
    );
  const minus = (a: number, b: number): number => a - b;
  const accuracy = ({ result }: DoneTrial) => result.accuracy.fused;
  const over = versus(accuracy, minus);
  const seconds = ({ measured }: DoneTrial) => measured?.trainingSeconds;
  const form = (kind: 'training' | 'fused') => {
    const parameters = of(({ result }) => result.cost[kind].parameters);
    const macs = of(({ result }) => result.cost[kind].macs);
    return parameters && macs && { parameters, macs };
  };
  return present({
    entrant: name,
    strategy,
    accuracy: of(accuracy),
    over,
    detectable: Object.fromEntries(
      Object.entries(over).flatMap(([other, difference]) => {
        const found = detectable(difference);
        return found === undefined ? [] : [[other, found] as const];
      }),
    ),
    kept: keptCounts(own),
    trainingForm: form('training'),
    fusedForm: form('fused'),
    trainingSeconds: of(seconds),
    timesTraining: versus(seconds, (a, b) => a / b),
    equalTime: inTimeOf && {
      ...inTimeOf,
      ...present({
        atEqualEpochs: between(inTimeOf.to, inTimeOf.base, accuracy, minus),
        atEqualTime: between(inTimeOf.to, name, accuracy, minus),
        timeRatio: between(name, inTimeOf.to, seconds, (a, b) => a / b),
      }),
    },
    searchSeconds: of(({ measured }) => measured?.searchSeconds),
    searchSteps: of(({ measured }) => measured?.searchSteps),
    peakMiB: of(({ measured }) => measured?.peakMiB),
    latency: latencyOf(
      own,
      of(({ measured }) => measured && measured.latency.unfused.median / measured.latency.fused.median),
    ),
    measuredOn: distinct(own.map(placeOf)),
  });
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** An object without the keys that have nothing. */
const present = <T extends object>(object: T): Present<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Present<T>;

/** What an entrant has where not all have the same. */
function settingsOf({ config }: EntrantDescription, entrants: readonly EntrantDescription[]): Record<string, unknown> {
  const paths = entrants.flatMap((other) => differences(entrants[0]?.config, other.config).map(({ path }) => path));
  const at = (path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], config);
  return Object.fromEntries(distinct(paths).map((path) => [path, at(path)]));
}

function latencyOf(own: readonly DoneTrial[], speedUp: Estimate | undefined): EntrantReport['latency'] {
  const all = own.flatMap(({ measured }) => (measured ? [measured.latency] : []));
  const [first] = all;
  if (!first || !speedUp) return undefined;
  const over = (form: 'unfused' | 'fused'): LatencyReport => ({
    median: median(all.map((latency) => latency[form].median)),
    p99: Math.max(...all.map((latency) => latency[form].p99)),
    samples: all.reduce((sum, latency) => sum + latency[form].samples, 0),
  });
  return { batch: first.batch, unfused: over('unfused'), fused: over('fused'), speedUp };
}

function keptCounts(own: readonly DoneTrial[]): Record<string, Record<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const { result } of own) {
    for (const [block, branches] of Object.entries(result.architecture)) {
      const row = counts.get(block) ?? new Map<string, number>();
      counts.set(block, row);
      for (const branch of branches) row.set(branch, (row.get(branch) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].map(([block, row]) => [block, Object.fromEntries(row)] as const));
}
