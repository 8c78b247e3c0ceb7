import { milliseconds, table } from './markdown.js';
import { type BenchReport, GROUPS, type Group, type MeasuredTiming } from './report.js';

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
