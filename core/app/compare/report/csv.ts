import type { ComparisonDescription } from '../description.js';
import type { Estimate } from '../statistics.js';
import type { History } from './history.js';
import type { EntrantReport, Report } from './report.js';

type Value = string | number | undefined;

/** One line for each entrant: names in the first row, full precision, shares as shares, units in the names, nothing where nothing was measured. */
export function csv(report: Report): string {
  const records = report.entrants.map((entrant) => recordOf(entrant, report));
  return lines(Object.keys(records[0] ?? {}), records);
}

const GATE_COLUMNS = ['entrant', 'seed', 'epoch', 'block', 'branch', 'sampled_steps', 'steps', 'place'] as const;

/** One line for each gate after each epoch of each search, places as in the report; none where nobody searched. */
export const gatesCsv = ({
  history,
  description,
}: {
  readonly history: Pick<History, 'gates'>;
  readonly description: ComparisonDescription;
}): string =>
  lines(
    GATE_COLUMNS,
    history.gates.map(({ entrant, seed, epoch, gate, sampled, steps, place }) => {
      const { gates, ranked } = description.entrants.find(({ name }) => name === entrant) ?? {};
      return {
        entrant,
        seed,
        epoch,
        ...gates?.[gate],
        sampled_steps: sampled,
        steps,
        place: ranked ? place : undefined,
      };
    }),
  );

function lines(names: readonly string[], records: readonly Readonly<Record<string, Value>>[]): string {
  const line = (cells: readonly Value[]): string => `${cells.map(field).join(',')}\r\n`;
  return line(names) + records.map((record) => line(names.map((name) => record[name]))).join('');
}

function recordOf(entrant: EntrantReport, { seeds, against }: Report): Record<string, Value> {
  const { accuracy, over, trainingForm, fusedForm, latency, failed } = entrant;
  return {
    entrant: entrant.entrant,
    strategy: entrant.strategy,
    ...estimated('accuracy', accuracy),
    ...Object.fromEntries(seeds.map((seed) => [`accuracy_seed_${seed}`, accuracy?.bySeed[seed]])),
    ...Object.assign({}, ...against.map((other) => estimated(`over_${other}`, over[other]))),
    ...estimated('training_s', entrant.trainingSeconds),
    ...Object.assign(
      {},
      ...against.map((other) => estimated(`times_training_of_${other}`, entrant.timesTraining[other])),
    ),
    ...estimated('search_s', entrant.searchSeconds),
    search_steps: entrant.searchSteps?.mean,
    ...estimated('peak_mib', entrant.peakMiB),
    parameters_training: trainingForm?.parameters.mean,
    parameters_fused: fusedForm?.parameters.mean,
    macs_training: trainingForm?.macs.mean,
    macs_fused: fusedForm?.macs.mean,
    latency_batch: latency?.batch,
    latency_unfused_median_ms: latency?.unfused.median,
    latency_unfused_p99_ms: latency?.unfused.p99,
    latency_unfused_samples: latency?.unfused.samples,
    latency_fused_median_ms: latency?.fused.median,
    latency_fused_p99_ms: latency?.fused.p99,
    latency_fused_samples: latency?.fused.samples,
    ...estimated('latency_gain', latency?.speedUp),
    measured_on: entrant.measuredOn.join('; '),
    failed_seeds: failed.map(({ seed }) => seed).join(' '),
  };
}

const estimated = (name: string, value: Estimate | undefined): Record<string, Value> => ({
  [`${name}_mean`]: value?.mean,
  [`${name}_margin95`]: value?.margin,
  [`${name}_n`]: value?.n,
});

/** RFC 4180. A text of others that a spreadsheet would take for a formula has an apostrophe before it, which shows as nothing. */
function field(value: Value): string {
  const text = typeof value === 'string' ? value.replace(/^[=+\-@\t\r]/, "'$&") : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
