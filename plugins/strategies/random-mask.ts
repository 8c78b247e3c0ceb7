import type { BlockSpace, Gate, RandomStream, StrategyContext } from '../../core/contracts/index.js';
import { checkBudget, countsGates, type Limit, topMask } from './top-mask.js';

// Random architectures within a budget: what searches have to beat, and what evolution begins with.

/** Draws one mask. */
export type DrawMask = (random: RandomStream) => Uint8Array;

/** The gates, blocks and budget that masks are drawn from. */
export type MaskSpace = Limit & Pick<StrategyContext, 'gates' | 'spaces'>;

/**
 * Masks that leave no block without a branch. If the budget counts gates each of those with C of them is as likely as any other;
 * if gates differ in what they cost, gates are taken in random order as long as the budget lasts.
 * @throws Error if the budget cannot give every block a branch.
 */
export function randomMasks({ budget, costs, gates, spaces }: MaskSpace): DrawMask {
  checkBudget({ budget, costs }, gates, spaces);
  if (countsGates(costs)) return uniformMasks(budget, gates, spaces);
  return (random) =>
    topMask(Float64Array.from(random.permutation(gates.length)), { budget, costs }, gates, spaces).mask;
}

/**
 * Masks of exactly C gates that leave no block without a branch, each as likely as any other. Block after block gets a number of
 * gates, in proportion to how many masks go on from there, and then so many of its own at random.
 */
function uniformMasks(budget: number, gates: readonly Gate[], spaces: readonly BlockSpace[]): DrawMask {
  const blocks = spaces.map(({ block, always }) => ({
    gates: [...gates.keys()].filter((gate) => gates[gate]?.block === block),
    least: always.length > 0 ? 0 : 1,
  }));
  /** Logarithm of the number of ways to give `left` gates to the blocks from one on. */
  const ways: number[][] = [startOf(budget)];
  for (const { gates: own, least } of blocks.toReversed()) {
    const after = ways[0] as number[];
    const row = after.map((_, left) => logSum(terms(own.length, least, left, after)));
    ways.unshift(row);
  }
  return (random) => {
    const mask = new Uint8Array(gates.length);
    let left = budget;
    for (const [index, { gates: own, least }] of blocks.entries()) {
      const each = terms(own.length, least, left, ways[index + 1] as number[]);
      const count = least + pick(each, random);
      for (const at of random.permutation(own.length).subarray(0, count)) mask[own[at] as number] = 1;
      left -= count;
    }
    return mask;
  };
}

/** One way to give nothing to no block, none to give more. */
const startOf = (budget: number): number[] =>
  Array.from({ length: budget + 1 }, (_, left) => (left === 0 ? 0 : Number.NEGATIVE_INFINITY));

/** Logarithms of the numbers of masks in which a block of `size` gates keeps `least`, `least` + 1 … of them. */
const terms = (size: number, least: number, left: number, after: readonly number[]): number[] =>
  Array.from({ length: Math.max(0, Math.min(size, left) - least + 1) }, (_, more) => {
    const kept = least + more;
    return logBinomial(size, kept) + (after[left - kept] as number);
  });

function logBinomial(size: number, kept: number): number {
  let sum = 0;
  for (let at = 1; at <= kept; at++) sum += Math.log((size - kept + at) / at);
  return sum;
}

function logSum(logs: readonly number[]): number {
  const largest = Math.max(...logs, Number.NEGATIVE_INFINITY);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0));
}

/** An index, in proportion to the exponentials. */
function pick(logs: readonly number[], random: RandomStream): number {
  const total = logSum(logs);
  let threshold = random.uniform();
  for (const [at, log] of logs.entries()) {
    threshold -= Math.exp(log - total);
    if (threshold < 0) return at;
  }
  // Rounding: the last one that is possible.
  return logs.findLastIndex((log) => log > Number.NEGATIVE_INFINITY);
}
