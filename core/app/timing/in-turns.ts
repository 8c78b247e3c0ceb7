import { Bench } from 'tinybench';
import { type Timing, timingOf } from './statistics.js';

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
