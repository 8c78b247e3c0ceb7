/**
 * The gates of a search space, and the branches that a mask over them leaves active.
 */
import type { BranchOp } from '../../contracts/branch-op.js';
import type { BlockNode, NetworkGraph } from '../../contracts/network.js';
import type { Chosen } from '../../contracts/part.js';
import type { BlockSpace, Gate, SearchSpace } from '../../contracts/search-space.js';
import type { Selection } from '../../contracts/strategy.js';
import type { Blocks } from './blocks.js';
import type { Branch } from './branch.js';

/** The search space laid over a network: the branches of every searchable block. */
export function blockSpaces(
  graph: NetworkGraph,
  space: Chosen<SearchSpace>,
  branchOps: ReadonlyMap<string, Chosen<BranchOp>>,
): BlockSpace[] {
  return searchable(graph).map((node) => {
    const exists = (name: string): boolean => {
      const op = branchOps.get(name);
      return op?.definition.exists(node, op.options) ?? false;
    };
    const found = space.definition.blockSpace(node, exists, space.options);
    if (found.branches.length === 0) {
      throw new Error(
        `no branch op of the search space exists for block ${node.name}; add conv-kxk to searchSpace.branches`,
      );
    }
    return found;
  });
}

/** The blocks that are searched, in order of execution. */
export const searchable = (graph: NetworkGraph): BlockNode[] =>
  graph.nodes.filter((node) => node.kind === 'block' && node.searchable) as BlockNode[];

/** All decisions in a fixed order: blocks in order of execution, branches in the order of the config. */
export const gatesOf = (spaces: readonly BlockSpace[]): Gate[] =>
  spaces.flatMap(({ block, branches, always }) =>
    branches.filter((branch) => !always.includes(branch)).map((branch) => ({ block, branch })),
  );

/** An active branch, and the forward value of its gate. */
export interface ActiveBranch {
  readonly branch: Branch;
  readonly gate: number;
}

/** By block name; blocks in order of execution. */
export type ActiveBranches = ReadonlyMap<string, readonly ActiveBranch[]>;

/** Every branch, its gate open. */
export function everyBranch(blocks: Blocks): ActiveBranches {
  const open = (branch: Branch): ActiveBranch => ({ branch, gate: 1 });
  return new Map(blocks.nodes.map(({ name }) => [name, blocks.branches(name).map(open)]));
}

/** The branches that a mask over the gates leaves active; branches without a gate always are. */
export function activeBranches(
  blocks: Blocks,
  gates: readonly Gate[],
  { mask, values }: Pick<Selection, 'mask' | 'values'>,
): ActiveBranches {
  const index = new Map(gates.map(({ block, branch }, gate) => [`${block}/${branch}`, gate] as const));
  const active = (block: string) =>
    blocks.branches(block).flatMap((branch): ActiveBranch[] => {
      const gate = index.get(`${block}/${branch.name}`);
      if (gate === undefined) return [{ branch, gate: 1 }];
      return mask[gate] ? [{ branch, gate: values?.[gate] ?? 1 }] : [];
    });
  return new Map(blocks.nodes.map(({ name }) => [name, active(name)]));
}
