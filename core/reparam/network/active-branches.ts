import type { Gate } from '../../contracts/search-space.js';
import type { Selection } from '../../contracts/strategy.js';
import type { Blocks } from './blocks.js';
import type { Branch } from './branch.js';

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
