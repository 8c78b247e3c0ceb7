import { alternate, type ComparisonOptions, median, startOurs } from './compare.js';
import type { Mode, Setting } from './modes.js';
import type { Worker } from './worker.js';

/** All seven branches over the plain network: time with `auto`, the engine's account of memory with `recompute`. */
export async function ownCosts(
  setting: Omit<Setting, 'mode'>,
  { engine, steps }: Pick<ComparisonOptions, 'engine' | 'steps'>,
): Promise<{ time: number; memory: number }> {
  const all: Worker[] = [];
  const start = async (mode: Mode, blockEvaluation: string): Promise<Worker> => {
    const [worker] = await startOurs({ ...setting, mode }, { engine, steps, blockEvaluation });
    all.push(worker);
    return worker;
  };
  try {
    const plain = await start('plain', 'auto');
    const auto = await start('all7', 'auto');
    const recompute = await start('all7', 'recompute');
    const [own, every] = (await alternate(all, steps)).map(median) as [number, number, number];
    const [least, , lean] = [await plain.end(), await auto.end(), await recompute.end()];
    return { time: every / own, memory: lean.tensorMiB / least.tensorMiB };
  } finally {
    for (const worker of all) worker.kill();
  }
}
