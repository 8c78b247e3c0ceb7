/**
 * Runs a config for the command line, and prints the result as a table or as JSON.
 */
import Table from 'cli-table3';
import type { RunResult, TrainingResult } from '../../run/result.js';
import { createRun } from '../../run/run.js';
import { watch } from './interrupt.js';
import type { RunCommandOptions } from './options.js';

/** Runs a config from its first step to its export, and prints the result. */
export async function runAndReport(source: string | object | undefined, options: RunCommandOptions): Promise<void> {
  const { json, ...given } = options;
  const result = await watch((signal) => createRun(source, { ...given, signal }));
  if (result) process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : summary(result));
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const millions = (count: number): string =>
  count >= 1e6 ? `${(count / 1e6).toFixed(2)} M` : count.toLocaleString('en');

/** Formats the result of a run as a short table. */
export function summary({ folder, main, baseline }: RunResult): string {
  const plain = new Table({
    head: ['', main.strategy, ...(baseline ? [baseline.strategy] : [])],
    style: { head: [], border: [] },
  });
  const row = (name: string, value: (result: TrainingResult) => string): void =>
    void plain.push([name, value(main), ...(baseline ? [value(baseline)] : [])]);
  row('test accuracy, all branches', ({ accuracy }) => percent(accuracy.multiBranch));
  row('test accuracy, fused', ({ accuracy }) => percent(accuracy.fused));
  row('same class before and after', ({ argmaxAgreement }) => percent(argmaxAgreement));
  row(
    'largest difference',
    ({ certificate }) =>
      `${certificate.maxDifference.toExponential(1)} (relative ${certificate.relativeError.toExponential(1)})`,
  );
  row('parameters', ({ cost }) => `${millions(cost.training.parameters)} → ${millions(cost.fused.parameters)}`);
  row('multiply-adds per image', ({ cost }) => `${millions(cost.training.macs)} → ${millions(cost.fused.macs)}`);
  const ops = [...new Set([...Object.keys(main.kept), ...Object.keys(baseline?.kept ?? {})])];
  for (const op of ops) row(`blocks with ${op}`, ({ kept }) => String(kept[op] ?? 0));
  const verdict = baseline ? `${comparison(main, baseline)}\n` : '';
  return `${plain.toString()}\n${verdict}engine ${main.engine} (${main.device}), seed ${main.seed}, ${main.testImages} test images\n${folder}\n`;
}

/** Says in one sentence what the table shows. */
function comparison(main: TrainingResult, baseline: TrainingResult): string {
  const points = 100 * (main.accuracy.fused - baseline.accuracy.fused);
  const [mine, other] = [main.cost.fused, baseline.cost.fused];
  const same = mine.parameters === other.parameters && mine.macs === other.macs;
  const network = same ? 'both end as networks of one size and one cost' : 'their networks differ in size or cost';
  const place =
    points === 0
      ? `as accurate as ${baseline.strategy}`
      : `${Math.abs(points).toFixed(2)} points ${points > 0 ? 'ahead of' : 'behind'} ${baseline.strategy}`;
  return `${main.strategy}, folded, is ${place}, trained alike; ${network} (one seed: \`repnas compare\` gives intervals)`;
}
