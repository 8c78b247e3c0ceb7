import type { BlockGeometry } from './block.js';
import type { Part } from './part.js';

/** A decision: whether to keep `branch` of `block`. */
export interface Gate {
  readonly block: string;
  readonly branch: string;
}

/** The branches of one block: all that exist, and those that no search may drop. */
export interface BlockSpace {
  readonly block: string;
  /** Branch ops by name, in the order of the config. */
  readonly branches: readonly string[];
  /** The subset that is always kept and does not count against the budget. */
  readonly always: readonly string[];
}

/** The branches of every block, by name: what a search chose, or what a network has. */
export type Architecture = Readonly<Record<string, readonly string[]>>;

/** Turns a network's blocks into gates. */
export interface SearchSpace<Options = unknown> extends Part<Options> {
  /** The branch ops that the space offers, each with its options. */
  branchOps(options: Options): readonly BranchChoice[];
  /**
   * The branches of one block, among those that `exists` allows for its geometry, and which of them are always kept.
   */
  blockSpace(block: BlockGeometry, exists: (op: string) => boolean, options: Options): BlockSpace;
}

/** A branch op as a config lists it. */
export interface BranchChoice {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}
