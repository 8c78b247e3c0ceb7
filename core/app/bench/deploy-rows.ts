/**
 * The rows of a deployment bench: latency, throughput and memory of a network unfused, fused, and in another program.
 */
import type { OpenModel } from '../../contracts/exporter.js';
import { createRandomSource } from '../../train/random/index.js';
import { runChild } from '../child.js';
import { type Task, timeInTurns, type Timing } from '../timing/index.js';
import { BATCHES, type DeployEntry, type DeploySource } from './report.js';

/** Describes a process that loads a network and answers with it. */
export interface MemoryOrder {
  readonly row: 'unfused' | 'fused' | 'program';
  readonly source: DeploySource;
  /** Folder of `network.safetensors`, `graph.json` and the exported network in a folder of its format. */
  readonly folder: string;
  /** Of a program's row. */
  readonly format: string;
  readonly image: readonly [height: number, width: number, channels: number];
  /** Images at a time, one after another. */
  readonly batches: readonly number[];
}

export type MemoryAnswer = { readonly bytes: number } | { readonly reason: string };

/**
 * By how many bytes a process of its own grows, from all being loaded but the network to its highest point while it loads the network
 * and answers: the same for our engines and for other programs.
 *
 * @throws Error when the process fails, with its reason
 */
export async function measureMemory(order: MemoryOrder): Promise<number> {
  const { answer, how, error } = await runChild<MemoryAnswer>({
    module: new URL('./deploy-child.js', import.meta.url),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    order,
  });
  if (answer && 'bytes' in answer) return answer.bytes;
  throw error ?? new Error(`measuring memory (${order.row}): ${answer?.reason ?? `the process ended (${how})`}`);
}

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
