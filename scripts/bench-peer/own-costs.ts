import { alternate, type ComparisonOptions, median, startOurs } from './compare.js';
import type { Setting } from './modes.js';

/** All seven branches over the plain network: time with `auto`, the engine's account of memory with `recompute`. */
export async function ownCosts(
  setting: Omit<Setting, 'mode'>,
  { engine, steps }: ComparisonOptions,
): Promise<{ time: number; memory: number }> {
  const [plain, auto, recompute] = [
    await startOurs({ ...setting, mode: 'plain' }, engine, 'auto'),
    await startOurs({ ...setting, mode: 'all7' }, engine, 'auto'),
    await startOurs({ ...setting, mode: 'all7' }, engine, 'recompute'),
  ];
  const all = [plain, auto, recompute];
  try {
    const [own, every] = (await alternate(all, steps)).map(median) as [number, number, number];
    const [least, , lean] = [await plain.end(), await auto.end(), await recompute.end()];
    return { time: every / own, memory: lean.tensorMiB / least.tensorMiB };
  } finally {
    for (const worker of all) worker.kill();
  }
}
