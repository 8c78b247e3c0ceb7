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

/** Blocks that have nothing but what their gates leave them. */
const needy = (spaces: readonly BlockSpace[]): string[] =>
  spaces.filter(({ always }) => always.length === 0).map(({ block }) => block);

/** @throws Error when the budget cannot give every block a branch, whatever the ranking. */
export function checkBudget(budget: number, spaces: readonly BlockSpace[]): void {
  const blocks = needy(spaces).length;
  if (budget >= blocks) return;
  throw new Error(
    `a budget of ${budget} gates cannot give each of ${blocks} blocks a branch; raise budget to at least ${blocks} branches, or keep identity in every block`,
  );
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
  checkBudget(budget, spaces);
  const order = byRank(ranks);
  const mask = highest(ranks, budget);
  const kept = new Map(needy(spaces).map((block) => [block, 0]));
  const blockOf = (gate: number): string => (gates[gate] as Gate).block;
  const count = (gate: number, by: 1 | -1): void => {
    const before = kept.get(blockOf(gate));
    if (before !== undefined) kept.set(blockOf(gate), before + by);
  };
  for (const gate of order.slice(0, budget)) count(gate, 1);
  const rescued = [...kept].filter(([, gatesKept]) => gatesKept === 0).map(([block]) => block);
  for (const block of rescued) {
    const best = order.find((gate) => blockOf(gate) === block) as number;
    // There is one: the budget has a gate for every needy block, and this block has none.
    const spare = order.findLast((gate) => mask[gate] === 1 && (kept.get(blockOf(gate)) ?? 2) > 1) as number;
    mask[spare] = 0;
    mask[best] = 1;
    count(spare, -1);
    count(best, 1);
  }
  return { mask, rescued };
}
