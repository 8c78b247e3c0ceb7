import { fileURLToPath } from 'node:url';
import type { KernelTimes } from './kernel-clock.js';
import type { Mode, Setting } from './modes.js';
import { Worker } from './worker.js';

/** What one comparison came to. Ratios are ours over the peer's. */
export interface Row {
  readonly mode: Mode;
  readonly timeRatio: number;
  /** Of the processes' largest resident sets, less what they were before the network. */
  readonly memoryRatio: number;
  /** Of the engine's own account of its tensors to the peer's process. */
  readonly tensorMemoryRatio: number;
  readonly oursMilliseconds: number;
  readonly peerMilliseconds: number;
  /** Layout in which the peer is faster. */
  readonly peerLayout: 'NCHW' | 'channels-last';
  readonly oursPeakMiB: number;
  readonly oursTensorMiB: number;
  readonly peerPeakMiB: number;
  /** Share of our step that no kernel accounts for. */
  readonly frameworkShare: number;
  readonly kernels: readonly KernelTimes[];
}

export interface ComparisonOptions {
  readonly engine: string;
  readonly blockEvaluation: string;
  readonly python: string;
  /** Steps that are counted, after `WARM_UP` that are not. */
  readonly steps: number;
}

/** Both sides compile while they warm up: we the loops in JavaScript, both the library's kernels for each shape that they meet. */
const WARM_UP = 12;
const PROFILED = 5;
const OURS = fileURLToPath(new URL('ours.js', import.meta.url));
/** Not compiled, so it stands where it was written. */
const PEER = fileURLToPath(new URL('../../../scripts/bench-peer/peer.py', import.meta.url));

/** A process of ours, ready for its first step. */
export async function startOurs(setting: Setting, engine: string, blockEvaluation: string): Promise<Worker> {
  const [worker] = await Worker.start(
    process.execPath,
    [OURS, JSON.stringify({ ...setting, engine, blockEvaluation })],
    setting.threads,
  );
  return worker;
}

/** Steps of ours, of the peer and of the peer in its other layout in turn, so that whatever else the machine does meets all. */
export async function compare(setting: Setting, options: ComparisonOptions): Promise<Row> {
  const workers: Worker[] = [];
  const { engine, blockEvaluation, python } = options;
  const startPeer = async (channelsLast: boolean): Promise<Worker> => {
    const [worker] = await Worker.start(python, [PEER, JSON.stringify({ ...setting, channelsLast })], setting.threads);
    workers.push(worker);
    return worker;
  };
  try {
    const ours = await startOurs(setting, engine, blockEvaluation);
    workers.push(ours);
    const [first, last] = [await startPeer(false), await startPeer(true)];
    const times = await alternate([ours, first, last], options.steps);
    const [own, channelsFirst, channelsLast] = times.map(median) as [number, number, number];
    const kernels = await profile(ours);
    const memory = { ours: await ours.end(), first: await first.end(), last: await last.end() };
    const isLast = channelsLast <= channelsFirst;
    const peerMilliseconds = Math.min(channelsFirst, channelsLast);
    const peerPeakMiB = (isLast ? memory.last : memory.first).peakMiB;
    return {
      mode: setting.mode,
      timeRatio: own / peerMilliseconds,
      memoryRatio: memory.ours.peakMiB / peerPeakMiB,
      tensorMemoryRatio: memory.ours.tensorMiB / peerPeakMiB,
      oursMilliseconds: own,
      peerMilliseconds,
      peerLayout: isLast ? 'channels-last' : 'NCHW',
      oursPeakMiB: memory.ours.peakMiB,
      oursTensorMiB: memory.ours.tensorMiB,
      peerPeakMiB,
      ...kernels,
    };
  } finally {
    for (const worker of workers) worker.kill();
  }
}

/** Steps of each in turn; those of the warm-up are not counted. */
export async function alternate(workers: readonly Worker[], steps: number): Promise<number[][]> {
  const times: number[][] = workers.map(() => []);
  for (let step = -WARM_UP; step < steps; step++) {
    for (const [index, worker] of workers.entries()) {
      const { milliseconds } = await worker.step();
      if (step >= 0) times[index]?.push(milliseconds);
    }
  }
  return times;
}

/** After the steps that are compared, since measuring costs a little. */
async function profile(ours: Worker): Promise<Pick<Row, 'frameworkShare' | 'kernels'>> {
  await ours.profile();
  const steps: Awaited<ReturnType<Worker['step']>>[] = [];
  for (let step = 0; step < PROFILED; step++) steps.push(await ours.step());
  const shares = steps.map(({ milliseconds, kernels }) => 1 - total(kernels) / milliseconds);
  const kernels = (steps[0]?.kernels ?? []).map(({ name, calls }) => ({
    name,
    calls,
    milliseconds: median(steps.map((step) => step.kernels.find((kernel) => kernel.name === name)?.milliseconds ?? 0)),
  }));
  return { frameworkShare: median(shares), kernels };
}

const total = (kernels: readonly KernelTimes[]): number =>
  kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
