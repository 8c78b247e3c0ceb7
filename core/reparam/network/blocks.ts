import type { BranchOp } from '../../contracts/branch-op.js';
import type { BlockNode, NetworkGraph } from '../../contracts/network.js';
import type { Chosen } from '../../contracts/part.js';
import type { RandomSource } from '../../contracts/random.js';
import type { Architecture, BlockSpace } from '../../contracts/search-space.js';
import type { NormPlacement } from '../../contracts/strategy.js';
import type { WeightSharing } from '../../contracts/weight-sharing.js';
import { type Bind, Branch } from './branch.js';
import { type NormNames, normNames } from './norm-names.js';
import type { ParameterStore } from './parameters.js';

export interface BlocksPlan {
  readonly graph: NetworkGraph;
  /** One for each searchable block. */
  readonly spaces: readonly BlockSpace[];
  /** The branch ops of the search space by name. */
  readonly branchOps: ReadonlyMap<string, Chosen<BranchOp>>;
  /** The op of blocks that are not searched: the plain KxK convolution. */
  readonly plain: Chosen<BranchOp>;
  readonly weightSharing: Chosen<WeightSharing>;
  /** Of the searchable blocks. @default 'branches' */
  readonly normPlacement?: NormPlacement | undefined;
  readonly random: RandomSource;
}

/** The blocks of a network, and the branches that each of them has now. */
export class Blocks {
  /** In order of execution. */
  readonly nodes: readonly BlockNode[];
  readonly #plan: BlocksPlan;
  readonly #store: ParameterStore;
  readonly #branches: Map<string, readonly Branch[]>;

  constructor(plan: BlocksPlan, store: ParameterStore) {
    this.#plan = plan;
    this.#store = store;
    this.nodes = plan.graph.nodes.filter((node) => node.kind === 'block');
    this.#branches = new Map(
      this.nodes.map((node) => {
        const space = this.#space(node.name);
        const ops = space ? space.branches.map((name) => this.#op(name)) : [plan.plain];
        return [node.name, ops.map((op) => new Branch(node, op, this.#shared(node), this.#placement(node.name)))];
      }),
    );
  }

  branches(block: string): readonly Branch[] {
    return this.#branches.get(block) ?? [];
  }

  /** @throws Error if the block has no such branch. */
  branch(block: string, name: string): Branch {
    const branch = this.branches(block).find((candidate) => candidate.name === name);
    if (!branch) throw new Error(`block ${block} has no branch ${name}`);
    return branch;
  }

  /** Returns the batch-norm behind the sum of a block's branches; undefined if each branch has its own. */
  sumNorm(block: string): NormNames | undefined {
    return this.#placement(block) === 'sum' ? normNames(`${block}.norm`) : undefined;
  }

  /** The branches every block has now. */
  architecture(): Architecture {
    return Object.fromEntries([...this.#branches].map(([block, list]) => [block, list.map(({ name }) => name)]));
  }

  /**
   * Drops every branch that the architecture does not name, and lets each kept one train kernels of its own from here on.
   * @throws Error if it names a branch that a block lacks, or none of a block's.
   */
  freeze(architecture: Architecture): void {
    for (const node of this.nodes) {
      const wanted = architecture[node.name];
      const all = this.branches(node.name);
      const kept = wanted ? all.filter(({ name }) => wanted.includes(name)) : all;
      const unknown = wanted?.filter((name) => !all.some((branch) => branch.name === name)) ?? [];
      if (unknown.length > 0 || kept.length === 0) {
        throw new Error(
          `block ${node.name} has the branches ${all.map(({ name }) => name).join(', ')}; the architecture wants ${wanted?.join(', ') || 'none'}`,
        );
      }
      this.#keep(node.name, kept);
    }
  }

  /** Adds a branch of the search space to a block that lacks it, with kernels of its own and the given initial scale. */
  grow(block: string, name: string, gamma: number): Branch {
    const node = this.#node(block);
    const present = this.branches(block);
    const order = this.#space(block)?.branches ?? [];
    if (present.some((branch) => branch.name === name)) throw new Error(`block ${block} has branch ${name} already`);
    if (!order.includes(name)) throw new Error(`the search space offers block ${block} no branch ${name}`);
    const branch = new Branch(node, this.#op(name), ownKernels, this.#placement(block));
    branch.initialise(this.#store, this.#plan.random, gamma);
    const all = [...present, branch].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    this.#branches.set(block, all);
    return branch;
  }

  /** Drops one branch of a block and its parameters. */
  cut(block: string, name: string): void {
    const kept = this.branches(this.#node(block).name).filter((branch) => branch.name !== name);
    if (kept.length === 0) throw new Error(`block ${block} cannot lose its last branch, ${name}`);
    this.#keep(block, kept);
  }

  /** Leaves a block these of its branches, and the store no parameter that only the others had. */
  #keep(block: string, kept: readonly Branch[]): void {
    const old = owned(this.branches(block));
    this.#branches.set(block, kept);
    const initialised = this.#store.names().length > 0;
    for (const branch of kept) branch.unshare(this.#store, ownKernels);
    if (!initialised) return;
    const now = owned(kept);
    for (const name of old) if (!now.has(name)) this.#store.remove(name);
  }

  /** A block that is not searched has one branch, whose own batch-norm is the one behind the sum. */
  #placement(block: string): NormPlacement {
    return this.#space(block) ? (this.#plan.normPlacement ?? 'branches') : 'branches';
  }

  #space(block: string): BlockSpace | undefined {
    return this.#plan.spaces.find((space) => space.block === block);
  }

  #node(block: string): BlockNode {
    const node = this.nodes.find(({ name }) => name === block);
    if (!node) throw new Error(`the network has no block named ${block}`);
    return node;
  }

  #op(name: string): Chosen<BranchOp> {
    const op = this.#plan.branchOps.get(name);
    if (!op)
      throw new Error(
        `the search space names branch op '${name}', which is not among ${[...this.#plan.branchOps.keys()].join(', ')}`,
      );
    return op;
  }

  #shared(node: BlockNode): Bind {
    const { definition, options } = this.#plan.weightSharing;
    return (branch, kernel) => definition.bind(node, branch, kernel, options);
  }
}

/** Gives every kernel a variable of its own, as in a network that is not searched. */
export const ownKernels: Bind = (branch, kernel) => ({
  parameter: `${branch}.${kernel.name}`,
  shape: [kernel.height, kernel.width, kernel.inputs, kernel.outputs],
});

const owned = (branches: readonly Branch[]) =>
  new Set(branches.flatMap((branch) => [...branch.trained(), ...branch.statistics()]));
