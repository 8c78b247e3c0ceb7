import type { BlockSpace, Gate, StrategyContext } from '../../core/contracts/index.js';

/** Limit on the sum of the kept gates' costs, which are all 1 if the budget is a number of gates. */
export type Limit = Pick<StrategyContext, 'budget' | 'costs'>;

/** A mask within the budget, and the blocks that would have been left without any branch. */
export interface TopMask {
  readonly mask: Uint8Array;
  readonly rescued: readonly string[];
}

/** Part of a budget that sums of costs may exceed it by: they are rounded in the order of adding. */
const ROUNDING = 1e-9;

/** True if costs keep a budget. */
export const within = (cost: number, budget: number): boolean => cost <= budget * (1 + ROUNDING);

/** Returns the total cost of a mask's gates. */
export const costOf = (mask: Uint8Array, costs: Float64Array): number =>
  mask.reduce((sum, kept, gate) => sum + kept * (costs[gate] as number), 0);

/** True if the budget is a number of gates. */
export const countsGates = (costs: Float64Array): boolean => costs.every((cost) => cost === 1);

/** Gates by rank, best first; ties go to the gate that comes first. */
const byRank = (ranks: Float64Array): number[] =>
  [...ranks.keys()].sort((a, b) => (ranks[b] as number) - (ranks[a] as number) || a - b);

/**
 * The highest-ranked gates over all layers together (RepNAS, eq. 6), whatever that leaves a block with: C of them if the budget
 * counts gates; by rank as many as their costs allow otherwise, a gate that is too expensive making way for the next.
 */
export function highest(ranks: Float64Array, { budget, costs }: Limit): Uint8Array {
  const mask = new Uint8Array(ranks.length);
  let spent = 0;
  for (const gate of byRank(ranks)) {
    const cost = costs[gate] as number;
    if (!within(spent + cost, budget)) continue;
    mask[gate] = 1;
    spent += cost;
  }
  return mask;
}

/** The cheapest gate of every block that has nothing but what its gates leave it. */
function leastCosts({ costs }: Limit, gates: readonly Gate[], spaces: readonly BlockSpace[]): Map<string, number> {
  const least = new Map(
    spaces.filter(({ always }) => always.length === 0).map(({ block }) => [block, Number.POSITIVE_INFINITY]),
  );
  for (const [gate, { block }] of gates.entries()) {
    const before = least.get(block);
    if (before !== undefined) least.set(block, Math.min(before, costs[gate] as number));
  }
  return least;
}

const total = (costs: Iterable<number>): number => [...costs].reduce((sum, cost) => sum + cost, 0);

/** @throws Error if the budget cannot give every block a branch, whatever the ranking. */
export function checkBudget(limit: Limit, gates: readonly Gate[], spaces: readonly BlockSpace[]): void {
  const least = leastCosts(limit, gates, spaces);
  const needed = total(least.values());
  if (within(needed, limit.budget)) return;
  throw new Error(
    countsGates(limit.costs)
      ? `a budget of ${limit.budget} gates cannot give each of ${needed} blocks a branch; raise budget to at least ${needed} branches, or keep identity in every block`
      : `the budget cannot give each of ${least.size} blocks a branch: their cheapest ones take ${(needed / limit.budget).toPrecision(3)} times what it leaves for gates; raise it`,
  );
}

/**
 * The highest-ranked gates over all layers together within the budget, and no block empty: a block's best-ranked gate is always
 * kept, its cheapest one if the budget has no room for that, and what the blocks still need is held back from the others. (The
 * released code runs an empty block's KxK branch without saying so, and forgets it when fusing.)
 * @throws Error if the budget cannot give every block a branch.
 */
export function topMask(
  ranks: Float64Array,
  limit: Limit,
  gates: readonly Gate[],
  spaces: readonly BlockSpace[],
): TopMask {
  checkBudget(limit, gates, spaces);
  const { budget, costs } = limit;
  const waiting = leastCosts(limit, gates, spaces);
  const blockOf = (gate: number): string => (gates[gate] as Gate).block;
  const mask = new Uint8Array(ranks.length);
  let spent = 0;
  let heldBack = total(waiting.values());
  for (const gate of byRank(ranks)) {
    const [cost, least] = [costs[gate] as number, waiting.get(blockOf(gate)) ?? 0];
    if (!within(spent + cost + heldBack - least, budget)) continue;
    mask[gate] = 1;
    spent += cost;
    if (waiting.delete(blockOf(gate))) heldBack -= least;
  }
  const unaided = new Set([...highest(ranks, limit)].flatMap((kept, gate) => (kept ? [blockOf(gate)] : [])));
  const needy = spaces.filter(({ block, always }) => always.length === 0 && !unaided.has(block));
  return { mask, rescued: needy.map(({ block }) => block) };
}
