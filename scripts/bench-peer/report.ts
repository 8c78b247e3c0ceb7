import Table from 'cli-table3';
import type { Row } from './compare.js';
import type { ConvolutionSpeed } from './convolution-speeds.js';
import type { Mode } from './modes.js';

/** Ratios ours/peer that are aimed at, on two cores with AVX2. */
const TARGETS: Readonly<Record<Mode, readonly [time: number, memory: number]>> = {
  plain: [0.9, 0.6],
  repnas: [0.7, 0.5],
  dbb: [0.6, 0.6],
  all7: [0.5, 0.6],
  fused: [0.7, 0.5],
};

const ratio = (value: number, target: number): string => `${value.toFixed(2)} (${target})`;

/** Times and memory beside the peer's, targets in brackets. */
export function comparisonTable(rows: readonly Row[]): string {
  const table = new Table({
    head: [
      '',
      'ours ms',
      'peer ms',
      'layout',
      'time',
      'ours MiB',
      'tensors MiB',
      'peer MiB',
      'memory',
      'tensors',
      'framework',
    ],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const [time, memory] = TARGETS[row.mode];
    table.push([
      row.mode,
      row.oursMilliseconds.toFixed(1),
      row.peerMilliseconds.toFixed(1),
      row.peerLayout,
      ratio(row.timeRatio, time),
      row.oursPeakMiB.toFixed(0),
      row.oursTensorMiB.toFixed(0),
      row.peerPeakMiB.toFixed(0),
      ratio(row.memoryRatio, memory),
      row.tensorMemoryRatio.toFixed(2),
      `${(100 * row.frameworkShare).toFixed(1)} %`,
    ]);
  }
  const [first] = rows;
  const sides = first ? `ours: ${first.ours}\npeer: ${first.peer}\n` : '';
  return `${sides}${table.toString()}\n`;
}

/** What every branch costs over the plain step, on our engine. */
export function branchTable(costs: { time: number; memory: number }): string {
  return (
    `all seven branches over the plain network: ${ratio(costs.time, 2.6)} times its time with auto, ` +
    `${ratio(costs.memory, 1.3)} times its tensors' memory with recompute\n`
  );
}

export function speedTable(peak: number, speeds: readonly ConvolutionSpeed[]): string {
  const table = new Table({
    head: ['convolution', 'forward', 'input gradient', 'kernel gradient'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  const of = (value: number): string => `${value.toFixed(0)} (${((100 * value) / peak).toFixed(0)} %)`;
  for (const { shape, forward, inputGradient, kernelGradient } of speeds) {
    table.push([shape, of(forward), of(inputGradient), of(kernelGradient)]);
  }
  return `GFLOP/s, and share of this machine's ${peak.toFixed(0)} in a product of 2048x2048 matrices\n${table.toString()}\n`;
}

export function kernelTable(rows: readonly Row[], most = 8): string {
  return rows
    .map(({ mode, kernels }) => {
      const shown = kernels
        .slice(0, most)
        .map(({ name, milliseconds, calls }) => `${name} ${milliseconds.toFixed(1)} (${calls})`);
      return `${mode}: ${shown.join(', ')}\n`;
    })
    .join('');
}
