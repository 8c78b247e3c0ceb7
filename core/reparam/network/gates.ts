import type { BranchOp } from '../../contracts/branch-op.js';
import type { BlockNode, NetworkGraph } from '../../contracts/network.js';
import type { Chosen } from '../../contracts/part.js';
import type { BlockSpace, Gate, SearchSpace } from '../../contracts/search-space.js';

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
