import { fileURLToPath } from 'node:url';
import type { KernelTimes } from './kernel-clock.js';
import type { Mode, Setting } from './modes.js';
import { Worker } from './worker.js';

/** What one comparison came to. Ratios are ours over the peer's. */
export interface Row {
  readonly mode: Mode;
  /** What each side ran on, with versions. */
  readonly ours: string;
  readonly peer: string;
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
  /** Steps of each that are counted. */
  readonly steps: number;
}

/**
 * Steps that are not counted, before those that are. Both sides compile in them the library's kernels for each shape that they
 * meet, and we the JavaScript around them: a training takes thousands of steps, and ours are as fast as they get after two
 * hundred or so, the peer's after ten.
 */
const WARM_UP = { ours: 200, peer: 40 };
/**
 * Each side takes its steps in rounds, as a training does, whose steps follow each other; turns of a single step would find the
 * caches cold and the cores still held by the threads of the side before.
 */
const ROUND = 5;
/** Steps at the start of a round that are not counted for the same reason. */
const SETTLING = 2;
/** Steps with a clock around each kernel: V8 compiles again what calls them, and the last of these steps count. */
const PROFILED = 40;
const CLOCKED = 9;
const OURS = fileURLToPath(new URL('ours.js', import.meta.url));
/** Not compiled, so it stands where it was written. */
const PEER = fileURLToPath(new URL('../../../scripts/bench-peer/peer.py', import.meta.url));

/** A process of ours, ready for its first step. */
export function startOurs(
  setting: Setting,
  { engine, blockEvaluation, steps }: Omit<ComparisonOptions, 'python'>,
): Promise<[Worker, string]> {
  const options = { ...setting, engine, blockEvaluation, batches: stepsTaken(steps) };
  return Worker.start(process.execPath, [OURS, JSON.stringify(options)], setting.threads, WARM_UP.ours);
}

/** Rounds of ours, of the peer and of the peer in its other layout in turn, so that whatever else the machine does meets all. */
export async function compare(setting: Setting, options: ComparisonOptions): Promise<Row> {
  const workers: Worker[] = [];
  const started = (side: [Worker, string]): [Worker, string] => {
    workers.push(side[0]);
    return side;
  };
  const startPeer = (channelsLast: boolean): Promise<[Worker, string]> =>
    Worker.start(options.python, [PEER, JSON.stringify({ ...setting, channelsLast })], setting.threads, WARM_UP.peer);
  try {
    const [ours, oursDevice] = started(await startOurs(setting, options));
    const [first] = started(await startPeer(false));
    const [last, peerDevice] = started(await startPeer(true));
    const times = await alternate([ours, first, last], options.steps);
    const [own, channelsFirst, channelsLast] = times.map(median) as [number, number, number];
    const kernels = await profile(ours);
    const memory = { ours: await ours.end(), first: await first.end(), last: await last.end() };
    const isLast = channelsLast <= channelsFirst;
    const peerMilliseconds = Math.min(channelsFirst, channelsLast);
    const peerPeakMiB = (isLast ? memory.last : memory.first).peakMiB;
    return {
      mode: setting.mode,
      ours: oursDevice,
      peer: peerDevice,
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

/** Steps of each after its warm-up, in rounds that take turns; the counted ones of each. */
export async function alternate(workers: readonly Worker[], steps: number): Promise<number[][]> {
  for (const worker of workers) await worker.steps(worker.warmUp);
  const times: number[][] = workers.map(() => []);
  for (let done = 0; done < steps; done += ROUND) {
    for (const [index, worker] of workers.entries()) {
      await worker.steps(SETTLING);
      times[index]?.push(
        ...(await worker.steps(Math.min(ROUND, steps - done))).map(({ milliseconds }) => milliseconds),
      );
    }
  }
  return times;
}

/** Steps that a process of ours takes at most in a comparison of so many counted ones. */
export const stepsTaken = (steps: number): number =>
  WARM_UP.ours + Math.ceil(steps / ROUND) * SETTLING + steps + PROFILED;

/** After the steps that are compared, since measuring costs a little. */
async function profile(ours: Worker): Promise<Pick<Row, 'frameworkShare' | 'kernels'>> {
  await ours.profile();
  const steps = (await ours.steps(PROFILED)).slice(-CLOCKED);
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
