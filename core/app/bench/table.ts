/**
 * Tables of measurements in Markdown.
 */
import { checkInWords } from '../../io/export/words.js';
import { type BenchReport, type DeployReport, type Group, GROUPS, type MeasuredTiming } from './report.js';

const MEASURED = ['training step', 'unfused', 'fused'];

const cells = ({ median, p99, samples, ratioToPlain }: MeasuredTiming): string[] => [
  milliseconds(median),
  `${ratioToPlain.toFixed(2)}×`,
  milliseconds(p99),
  String(samples),
];

/** What a bench on one engine came to, for people: a Markdown table for each group. */
export function benchTables(report: BenchReport): string {
  const { engine, device, batch, entries, skipped } = report;
  const tables = GROUPS.flatMap((group) => {
    const own = entries.filter((entry) => entry.group === group);
    if (own.length === 0) return [];
    const head = ['', ...MEASURED.flatMap((measure) => [`${measure}, ms`, '÷ plain', 'p99', 'n'])];
    const rows = own.map(({ name, training, unfused, fused }) => [
      name,
      ...cells(training),
      ...cells(unfused),
      ...cells(fused),
    ]);
    return [`${titleOf(group, report)}\n\n${table(head, rows)}\n`];
  });
  const left = skipped.map(({ group, name, reason }) => `not measured: ${name} among the ${group}: ${reason}\n`);
  const intro = `## ${engine} (${device})\n\nBatches of ${batch}; ms is the median, p99 is in ms too, n the number of samples; ÷ plain is over the plain one of the same run.\n`;
  return [intro, ...tables, ...(left.length > 0 ? [left.join('')] : [])].join('\n');
}

function titleOf(group: Group, { block, network }: BenchReport): string {
  const { channels, size, kernelSize } = block;
  const where = `in one ${kernelSize}x${kernelSize} block, ${channels} to ${channels} channels, ${size}x${size} pixels`;
  if (group === 'branch-ops') return `Each branch op alone ${where}`;
  if (group === 'blocks') return `What each strategy trains ${where}`;
  return `What each strategy trains in ${JSON.stringify(network.backbone)}, images of ${network.image.join('x')}`;
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** Formats the cost of answering with a network as a Markdown table. */
export function deployTable({ model, engine, device, image, entries, checked }: DeployReport): string {
  const head = ['', '1 image, ms', 'p99', '32 images, ms', 'p99', 'images/s', 'memory, MiB', 'file, MiB'];
  const rows = entries.map(({ name, latency, throughput, memory, file }) => [
    name,
    ...[latency[1], latency[32]].flatMap(({ median, p99 }) => [milliseconds(median), milliseconds(p99)]),
    throughput.toFixed(throughput < 100 ? 1 : 0),
    mebibytes(memory),
    mebibytes(file),
  ]);
  return `## ${model}

On ${engine} (${device}) unless the row says otherwise, images of ${image.join('x')}; ms is the median, p99 is in ms too; all in turns, in one run.
As ONNX: ${checkInWords(checked)}.

${table(head, rows)}
Memory: by how much a process of its own grew that loaded the network and answered, from all being loaded but the network to the highest point.
`;
}

/** Markdown whose columns line up on a terminal as well: the first to the left, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(3, title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |\n`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [head, rule, ...rows].map(line).join('');
}

export const milliseconds = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
