import type { EntrantReport, Report } from './report.js';
import type { Estimate } from './statistics.js';

const percent = (share: number): string => (100 * share).toFixed(2);
const count = (value: number): string => (value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : value.toLocaleString('en'));

const withMargin = (value: Estimate | undefined, show: (value: number) => string): string => {
  if (!value) return '';
  return value.margin === undefined ? show(value.mean) : `${show(value.mean)} ± ${show(value.margin)}`;
};

const signed = (value: Estimate | undefined): string =>
  value ? `${value.mean >= 0 ? '+' : ''}${withMargin(value, percent)}` : '';

/** The report's table, a column at a time: what every form of it shows. */
export const COLUMNS: readonly { readonly title: string; readonly cell: (report: EntrantReport) => string }[] = [
  { title: 'entrant', cell: ({ entrant }) => entrant },
  { title: 'accuracy, %', cell: ({ accuracy }) => withMargin(accuracy, percent) },
  { title: 'each seed, %', cell: ({ accuracy }) => accuracy?.values.map(percent).join(', ') ?? '' },
  { title: 'over plain, points', cell: ({ overPlain }) => signed(overPlain) },
  { title: 'over random, points', cell: ({ overRandom }) => signed(overRandom) },
  { title: 'training, s', cell: ({ trainingSeconds }) => withMargin(trainingSeconds, (value) => value.toFixed(1)) },
  { title: 'of it search, s', cell: ({ searchSeconds }) => searchSeconds?.mean.toFixed(1) ?? '' },
  { title: 'peak memory, MiB', cell: ({ peakMiB }) => peakMiB?.mean.toFixed(0) ?? '' },
  { title: 'parameters, training', cell: ({ trainingForm }) => (trainingForm ? count(trainingForm.parameters) : '') },
  { title: 'parameters, fused', cell: ({ fusedForm }) => (fusedForm ? count(fusedForm.parameters) : '') },
  { title: 'multiply-adds, training', cell: ({ trainingForm }) => (trainingForm ? count(trainingForm.macs) : '') },
  { title: 'multiply-adds, fused', cell: ({ fusedForm }) => (fusedForm ? count(fusedForm.macs) : '') },
  { title: 'latency unfused, ms', cell: ({ latency }) => latency?.unfused.toFixed(2) ?? '' },
  { title: 'latency fused, ms', cell: ({ latency }) => latency?.fused.toFixed(2) ?? '' },
  { title: 'p99 fused, ms', cell: ({ latency }) => latency?.fusedP99.toFixed(2) ?? '' },
  { title: 'latency samples', cell: ({ latency }) => (latency ? String(latency.samples) : '') },
  { title: 'failed', cell: ({ failed }) => failed.map(({ seed, reason }) => `seed ${seed}: ${reason}`).join('; ') },
];

/** Who measured it, and how the figures are meant. */
export const caption = ({ seeds, engine, device }: Report): string =>
  `${seeds.length} seed${seeds.length === 1 ? '' : 's'} (${seeds.join(', ')}), engine ${engine} (${device}). Accuracy of the fused network on the test images; ± is half a 95 % interval by Student's t; differences are paired by seed; latency is of one image, the median over the seeds of each median.`;

export function markdown(report: Report): string {
  const used = columnsOf(report);
  const cells = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`;
  const rows = report.entrants.map((entrant) => cells(used.map(({ cell }) => cell(entrant))));
  return `# ${report.comparison}\n\n${caption(report)}\n\n${cells(used.map(({ title }) => title))}${cells(used.map(() => '---'))}${rows.join('')}`;
}

export function csv(report: Report): string {
  const line = (row: readonly string[]): string =>
    `${row.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
  return (
    line(COLUMNS.map(({ title }) => title)) +
    report.entrants.map((entrant) => line(COLUMNS.map(({ cell }) => cell(entrant)))).join('')
  );
}

/** The columns in which anything stands. */
export const columnsOf = ({ entrants }: Report): typeof COLUMNS =>
  COLUMNS.filter(({ cell }) => entrants.some((entrant) => cell(entrant) !== ''));
