import * as tf from '@tensorflow/tfjs-core';
import type { ImageSize } from '../../contracts/block.js';
import type { BranchOp } from '../../contracts/branch-op.js';
import type { BudgetUnit } from '../../contracts/events.js';
import type { BlockNode } from '../../contracts/network.js';
import type { Chosen } from '../../contracts/part.js';
import type { BlockSpace, Gate } from '../../contracts/search-space.js';
import { kernelCosts, timeOf } from '../../engine/index.js';
import { branchEstimate } from '../block-forward/estimate.js';
import { ownKernels } from './blocks.js';
import { Branch } from './branch.js';
import type { Supernet } from './supernet.js';

// A budget says what the branches that a search keeps may cost together: how many they are, or how much of a training step they
// take in multiples of the plain network's. Costs of branches add up, so that a strategy weighs gates without building networks.

/** The config's `budget`. */
export type BudgetChoice =
  | { readonly keptRatio: number }
  | { readonly branches: number }
  | { readonly trainingMacs: number }
  | { readonly trainingMemory: number }
  | { readonly trainingTime: number };

/** A budget: the limit on the kept gates, and what each gate costs. */
export interface GateBudget {
  /** Limit on the sum of the kept gates' `costs`. */
  readonly limit: number;
  /** One per gate; 1 each where the budget is a number of gates. */
  readonly costs: Float64Array;
  /** Unit of `asked`. */
  readonly unit: BudgetUnit;
  /** A number of gates, or multiples of the plain network. */
  readonly asked: number;
}

/** A network and its gates, for budgets by cost. */
export interface CostedNetwork {
  readonly supernet: Supernet;
  readonly spaces: readonly BlockSpace[];
  readonly gates: readonly Gate[];
  /** The plain KxK convolution, by which costs are measured. */
  readonly plain: Chosen<BranchOp>;
  /** Size of the image that each block reads. */
  readonly sizes: ReadonlyMap<string, ImageSize>;
  readonly batchSize: number;
}

/** The budget of a strategy that has none: all gates. */
export const allGates = (gates: number): GateBudget => ({
  limit: gates,
  costs: new Float64Array(gates).fill(1),
  unit: 'gates',
  asked: gates,
});

/** Returns what a search may keep. @throws Error if the budget is beyond what the gates are or cost, or below every one of them. */
export function gateBudget(budget: BudgetChoice, network: CostedNetwork): GateBudget {
  if ('branches' in budget) return counted(budget.branches, network, `budget.branches is ${budget.branches}`);
  if ('keptRatio' in budget) {
    const total = network.gates.length;
    const kept = Math.floor(budget.keptRatio * total);
    return counted(kept, network, `budget.keptRatio ${budget.keptRatio} of ${total} gates is ${kept}`);
  }
  if ('trainingMacs' in budget) return costed('trainingMacs', budget.trainingMacs, network);
  if ('trainingMemory' in budget) return costed('trainingMemory', budget.trainingMemory, network);
  return costed('trainingTime', budget.trainingTime, network);
}

function counted(kept: number, { gates }: CostedNetwork, asked: string): GateBudget {
  if (kept < 1 || kept > gates.length)
    throw new Error(`${asked}; expected between 1 and ${gates.length}, the number of gates`);
  return { ...allGates(gates.length), limit: kept, asked: kept };
}

function costed(unit: Exclude<BudgetUnit, 'gates'>, asked: number, network: CostedNetwork): GateBudget {
  const { supernet, spaces, gates, plain } = network;
  const cost = (node: BlockNode, branch: Branch): number => COSTS[unit](branch, node, network);
  const nodes = new Map(supernet.blocks.nodes.map((node) => [node.name, node] as const));
  const ofBranch = (block: string, branch: string): number =>
    cost(nodes.get(block) as BlockNode, supernet.blocks.branch(block, branch));
  const plainCost = (node: BlockNode): number => cost(node, new Branch(node, plain, ownKernels));
  const searched = new Set(spaces.map(({ block }) => block));
  const all = sum(supernet.blocks.nodes.map(plainCost));
  const given =
    sum(supernet.blocks.nodes.filter(({ name }) => !searched.has(name)).map(plainCost)) +
    sum(spaces.flatMap(({ block, always }) => always.map((branch) => ofBranch(block, branch))));
  const costs = Float64Array.from(gates, ({ block, branch }) => ofBranch(block, branch));
  const limit = asked * all - given;
  const most = (given + sum([...costs])) / all;
  if (limit <= 0 || asked > most) {
    const range = `between ${(given / all).toFixed(2)}, without any gate, and ${most.toFixed(2)}, with all of them`;
    throw new Error(`budget.${unit} is ${asked} times the plain network's; expected ${range}`);
  }
  return { limit, costs, unit, asked };
}

type CostOf = (branch: Branch, node: BlockNode, network: CostedNetwork) => number;

const estimated = (branch: Branch, node: BlockNode, { sizes, batchSize }: CostedNetwork) => {
  const { height, width } = sizes.get(node.name) as ImageSize;
  return branchEstimate({ node, input: [batchSize, height, width, node.inChannels] }, branch);
};

/** Costs of one branch, evaluated for itself: multiply-adds, values kept for the backward pass, and nanoseconds by the engine's costs. */
const COSTS: Readonly<Record<Exclude<BudgetUnit, 'gates'>, CostOf>> = {
  trainingMacs: ({ op, options }, node, { sizes }) => op.macs(node, options, sizes.get(node.name) as ImageSize),
  trainingMemory: (...of) => estimated(...of).kept,
  trainingTime: (...of) => timeOf(estimated(...of).work, kernelCosts(tf.getBackend())),
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

const UNITS: Readonly<Record<Exclude<BudgetUnit, 'gates'>, string>> = {
  trainingMacs: 'training multiply-adds',
  trainingMemory: 'training memory',
  trainingTime: 'training time',
};

/** Describes a budget in words: what is kept of how many gates. */
export const budgetInWords = (
  { budget, budgetUnit = 'gates' }: { readonly budget: number; readonly budgetUnit?: BudgetUnit | undefined },
  gates: number,
): string =>
  budgetUnit === 'gates'
    ? `${budget} of ${gates} gates`
    : `gates for at most ${budget} times the plain network's ${UNITS[budgetUnit]}, of ${gates}`;
