import * as tf from '@tensorflow/tfjs-core';
import { MOMENTUM } from './norm.js';
import { type ActiveBranches, everyBranch } from './gates.js';
import type { Supernet } from './supernet.js';

/**
 * Running statistics of a sub-network with inherited weights, from a few training batches: a supernet's own ones mix those
 * of every sub-network it was trained as (Guo et al. 2020, section 3.4). Runs `measure` with them, then puts the old ones back.
 */
export async function recalibrated<T>(
  supernet: Supernet,
  active: ActiveBranches,
  batches: AsyncIterable<{ readonly images: Float32Array; readonly size: number }>,
  measure: () => Promise<T>,
): Promise<T> {
  const { store } = supernet;
  const statistics = supernet.statistics(active);
  const before = new Map(statistics.map((name) => [name, store.read(name)] as const));
  try {
    await averageStatistics(supernet, active, statistics, batches);
    return await measure();
  } finally {
    for (const [name, values] of before) store.write(name, values);
  }
}

/**
 * Gives the named running statistics the mean of those of a few training batches, all branches being active; the others stay
 * as they are.
 */
export async function measureStatistics(
  supernet: Supernet,
  names: readonly string[],
  batches: AsyncIterable<{ readonly images: Float32Array; readonly size: number }>,
): Promise<void> {
  const { store } = supernet;
  const measured = await recalibrated(supernet, everyBranch(supernet.blocks), batches, async () =>
    names.map((name) => [name, store.read(name)] as const),
  );
  for (const [name, values] of measured) store.write(name, values);
}

/** The plain mean of each batch's statistics: a running one would still remember where it started. */
async function averageStatistics(
  supernet: Supernet,
  active: ActiveBranches,
  statistics: readonly string[],
  batches: AsyncIterable<{ readonly images: Float32Array; readonly size: number }>,
): Promise<void> {
  const { store } = supernet;
  const [height, width, channels] = supernet.graph.input;
  const sums = new Map(statistics.map((name) => [name, new Float64Array(store.get(name).size)] as const));
  let count = 0;
  for await (const { images, size } of batches) {
    for (const name of statistics) store.write(name, new Float32Array(store.get(name).size));
    tf.tidy(() => {
      const gates = new Map(
        [...active].map(([block, list]) => [block, tf.tensor1d(list.map(({ gate }) => gate))] as const),
      );
      supernet.train(tf.tensor4d(images, [size, height, width, channels]), active, gates, 0);
    });
    // From zero, one update leaves momentum times the batch's own statistics.
    for (const [name, sum] of sums)
      for (const [at, value] of store.read(name).entries()) sum[at] = (sum[at] ?? 0) + value / MOMENTUM;
    count++;
  }
  if (count === 0) throw new Error('batch-norms cannot be recalibrated without a single batch');
  for (const [name, sum] of sums)
    store.write(
      name,
      Float32Array.from(sum, (value) => value / count),
    );
}
