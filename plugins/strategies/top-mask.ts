import type { BlockSpace, Gate } from '../../core/contracts/index.js';

/** A mask within the budget, and the blocks that would have been left without any branch. */
export interface TopMask {
  readonly mask: Uint8Array;
  readonly rescued: readonly string[];
}

/** Gates by rank, best first; ties go to the gate that comes first. */
const byRank = (ranks: Float64Array): number[] =>
  [...ranks.keys()].sort((a, b) => (ranks[b] as number) - (ranks[a] as number) || a - b);

/** The C highest-ranked gates over all layers together (RepNAS, eq. 6), whatever that leaves a block with. */
export function highest(ranks: Float64Array, budget: number): Uint8Array {
  const mask = new Uint8Array(ranks.length);
  for (const gate of byRank(ranks).slice(0, budget)) mask[gate] = 1;
  return mask;
}

/**
 * The C highest-ranked gates over all layers together, and no block empty. A block that would have no branch gets its best-ranked
 * one in exchange for the lowest-ranked kept gate of a block that can spare one, so that the budget holds. (The released code
 * runs such a block's KxK branch without saying so, and forgets it when fusing.)
 * @throws Error when the budget is smaller than the number of blocks that need a gate.
 */
export function topMask(
  ranks: Float64Array,
  budget: number,
  gates: readonly Gate[],
  spaces: readonly BlockSpace[],
): TopMask {
  const order = byRank(ranks);
  const mask = highest(ranks, budget);
  const needy = spaces.filter(({ always }) => always.length === 0).map(({ block }) => block);
  const kept = new Map<string, number>(needy.map((block) => [block, 0]));
  const blockOf = (gate: number): string => (gates[gate] as Gate).block;
  for (const gate of order.slice(0, budget)) {
    const count = kept.get(blockOf(gate));
    if (count !== undefined) kept.set(blockOf(gate), count + 1);
  }
  const rescued = needy.filter((block) => kept.get(block) === 0);
  for (const block of rescued) {
    const best = order.find((gate) => blockOf(gate) === block) as number;
    const spare = order.findLast((gate) => mask[gate] === 1 && (kept.get(blockOf(gate)) ?? 2) > 1);
    if (spare === undefined) {
      throw new Error(
        `a budget of ${budget} gates leaves block ${block} without a branch; give at least ${needy.length}`,
      );
    }
    mask[spare] = 0;
    mask[best] = 1;
    const count = kept.get(blockOf(spare));
    if (count !== undefined) kept.set(blockOf(spare), count - 1);
    kept.set(block, 1);
  }
  return { mask, rescued };
}
