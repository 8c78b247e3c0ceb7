import type { OpenModel } from '../../contracts/exporter.js';
import { createRandomSource } from '../../train/random/index.js';
import { type Task, type Timing, timeInTurns } from '../timing/index.js';
import { type MemoryOrder, measureMemory } from './deploy-memory.js';
import { BATCHES, type DeployEntry } from './report.js';

type Image = MemoryOrder['image'];

/** One row to measure. */
export interface Subject {
  readonly name: string;
  readonly row: MemoryOrder['row'];
  readonly file: number;
  /** What is timed for a batch of images. */
  task(images: Float32Array, count: number): Task;
}

/** Times all rows in turns, then each row's memory in a process of its own. */
export async function measureRows(
  subjects: readonly Subject[],
  order: Omit<MemoryOrder, 'row' | 'batches'>,
  milliseconds: number,
): Promise<DeployEntry[]> {
  const timed = await time(subjects, order.image, milliseconds);
  const entries: DeployEntry[] = [];
  for (const [at, { row }] of subjects.entries()) {
    const memory = await measureMemory({ ...order, row, batches: BATCHES });
    entries.push({ ...(timed[at] as Omit<DeployEntry, 'memory'>), memory });
  }
  return entries;
}

export function inProgram(program: OpenModel, file: number, image: Image): Subject {
  return {
    name: `fused, ${program.program}`,
    row: 'program',
    file,
    task: (images, count) => {
      const shape = [count, ...image] as const;
      const run = program.ready?.(images, shape) ?? (() => program.infer(images, shape));
      return async () => void (await run());
    },
  };
}

async function time(
  subjects: readonly Subject[],
  [height, width, channels]: Image,
  milliseconds: number,
): Promise<Omit<DeployEntry, 'memory'>[]> {
  const stream = createRandomSource(0).stream('deploy:images');
  const images = Float32Array.from({ length: BATCHES[1] * height * width * channels }, () => stream.normal());
  const latency = new Map<number, Record<string, Timing>>();
  for (const count of BATCHES) {
    const some = images.subarray(0, count * height * width * channels);
    const tasks = Object.fromEntries(subjects.map((subject) => [subject.name, subject.task(some, count)]));
    latency.set(count, await timeInTurns(tasks, { milliseconds }));
  }
  return subjects.map(({ name, file }) => {
    const [one, many] = BATCHES.map((count) => latency.get(count)?.[name]) as [Timing, Timing];
    return { name, file, latency: { 1: one, 32: many }, throughput: (1000 * BATCHES[1]) / many.median };
  });
}
