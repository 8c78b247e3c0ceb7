/**
 * Timing and memory of this process: tasks timed in turns by tinybench, medians and quantiles, the peak of resident memory.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Bench } from 'tinybench';

/** One call of what is timed; settles when the result is there. */
export type Task = () => Promise<void>;

export interface TimingOptions {
  /** Each task is timed for at least this long, over all rounds. */
  readonly milliseconds: number;
  /** Each task is called at least this often in a round, whatever that takes. @default 2 */
  readonly iterations?: number;
  /** @default 4 */
  readonly rounds?: number;
}

/**
 * Times tasks with tinybench, all of them in every round, so that a machine that gets slower meanwhile does so for all of them
 * and their ratios stay. The first round is preceded by a warm-up.
 */
export async function timeInTurns(
  tasks: Readonly<Record<string, Task>>,
  { milliseconds, iterations = 2, rounds = 4 }: TimingOptions,
): Promise<Record<string, Timing>> {
  const times = new Map(Object.keys(tasks).map((name) => [name, [] as number[]] as const));
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({
      time: milliseconds / rounds,
      iterations,
      warmup: round === 0,
      warmupTime: milliseconds / rounds,
      warmupIterations: iterations,
      retainSamples: true,
      throws: true,
    });
    for (const [name, task] of Object.entries(tasks)) bench.add(name, task, { async: true });
    await bench.run();
    for (const { name, result } of bench.tasks) {
      if (result.state !== 'completed') throw new Error(`timing ${name} ended as ${result.state}`);
      times.get(name)?.push(...(result.latency.samples ?? []));
    }
  }
  return Object.fromEntries([...times].map(([name, samples]) => [name, timingOf(samples)]));
}

/** How long something takes, in milliseconds. */
export interface Timing {
  readonly median: number;
  /** 99 of 100 times are below it; close to the longest where there are few samples. */
  readonly p99: number;
  readonly samples: number;
}

/** How long inference takes, with all branches and fused. */
export interface Latency {
  /** Images at a time. */
  readonly batch: number;
  readonly unfused: Timing;
  readonly fused: Timing;
}

/** @throws RangeError when there is no time at all. */
export function timingOf(milliseconds: readonly number[]): Timing {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), samples: sorted.length };
}

/** By linear interpolation between order statistics (Hyndman and Fan 1996, type 7), as NumPy and R do. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new RangeError('a quantile of nothing was asked for');
  return below + (place - Math.floor(place)) * (above - below);
}

/**
 * Highest resident memory of this process, in MiB. On Linux from the process's own high-water mark: `getrusage` starts a child
 * at what its parent held when it was made (Linux, fs/exec.c).
 */
export function peakMiB(): number {
  const kib = highWaterKiB() ?? process.resourceUsage().maxRSS;
  return kib / 1024;
}

/** Makes what is resident now the highest so far, on Linux (proc(5), clear_refs); elsewhere the mark stays. */
export function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed: a peak from before then counts too.
  }
}

function highWaterKiB(): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}
