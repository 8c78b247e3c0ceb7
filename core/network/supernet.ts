import * as tf from '@tensorflow/tfjs-core';
import type { BranchOp } from '../contracts/branch-op.js';
import type { BlockNode, DenseNode, DropoutNode, NetworkGraph, ParameterView } from '../contracts/network.js';
import type { Chosen } from '../contracts/part.js';
import type { RandomSource } from '../contracts/random.js';
import type { Architecture, BlockSpace, Gate } from '../contracts/search-space.js';
import type { NormPlacement, Selection } from '../contracts/strategy.js';
import type { WeightSharing } from '../contracts/weight-sharing.js';
import { inferBlock } from './block.js';
import { type Bind, Branch } from './branch.js';
import { type BlockEvaluationName, blockEvaluation, type Preference } from './evaluation/choose.js';
import type { BlockEvaluation } from './evaluation/evaluation.js';
import { squeezed } from './evaluation/squeezed.js';
import { execute, type NodeExecutor, type ObserveBlock } from './execute.js';
import { linearUniform } from './initial.js';
import type { PadStatistics } from './norm.js';
import { addNorm, type NormNames, normNames } from './norm-names.js';
import { ParameterStore } from './parameters.js';

export interface SupernetPlan {
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
  readonly padStatistics: PadStatistics;
  readonly blockEvaluation: BlockEvaluationName;
  /** What `auto` saves. Default: time. */
  readonly prefer?: Preference;
  /** Share of values set to zero where a dropout node names none. */
  readonly dropout: number;
  readonly random: RandomSource;
}

/** A branch that takes part in a step, and the forward value of its gate. */
export interface ActiveBranch {
  readonly branch: Branch;
  readonly gate: number;
}

/** By block name; blocks in order of execution. */
export type ActiveBranches = ReadonlyMap<string, readonly ActiveBranch[]>;

/** The trained form of a network: every block with the branches it still has. */
export class Supernet {
  readonly store = new ParameterStore();
  readonly graph: NetworkGraph;
  readonly #plan: SupernetPlan;
  readonly #evaluate: BlockEvaluation;
  #blocks: Map<string, readonly Branch[]>;

  constructor(plan: SupernetPlan) {
    this.#plan = plan;
    this.graph = plan.graph;
    this.#evaluate = blockEvaluation(plan.blockEvaluation, plan.prefer);
    const spaces = new Map(plan.spaces.map((space) => [space.block, space]));
    this.#blocks = new Map(
      this.blockNodes().map((node) => {
        const space = spaces.get(node.name);
        const ops = space ? space.branches.map((name) => this.#op(name)) : [plan.plain];
        return [node.name, ops.map((op) => new Branch(node, op, this.#bind(node), this.#placement(node.name)))];
      }),
    );
  }

  blockNodes(): BlockNode[] {
    return this.graph.nodes.filter((node) => node.kind === 'block');
  }

  branches(block: string): readonly Branch[] {
    return this.#blocks.get(block) ?? [];
  }

  /** @throws Error when the block has no such branch. */
  branch(block: string, name: string): Branch {
    const branch = this.branches(block).find((candidate) => candidate.name === name);
    if (!branch) throw new Error(`block ${block} has no branch ${name}`);
    return branch;
  }

  /** The batch-norm behind the sum of a block's branches; absent where each branch ends in its own. */
  sumNorm(block: string): NormNames | undefined {
    return this.#placement(block) === 'sum' ? normNames(`${block}.norm`) : undefined;
  }

  /** A block that is not searched has one branch, whose own batch-norm is the one behind the sum. */
  #placement(block: string): NormPlacement {
    const { normPlacement = 'branches', spaces } = this.#plan;
    return spaces.some((space) => space.block === block) ? normPlacement : 'branches';
  }

  /** The branches every block has now. */
  architecture(): Architecture {
    return Object.fromEntries([...this.#blocks].map(([block, branches]) => [block, branches.map(({ name }) => name)]));
  }

  /** Creates the parameters that are missing. `gamma` gives the initial scale of a branch's closing batch-norm. */
  initialise(gamma: (block: string, branch: string) => number = () => 1): void {
    const { random } = this.#plan;
    for (const [block, branches] of this.#blocks) {
      for (const branch of branches) branch.initialise(this.store, random, gamma(block, branch.name));
    }
    for (const { name, outChannels } of this.blockNodes()) {
      const norm = this.sumNorm(name);
      if (norm) addNorm(this.store, norm, outChannels);
    }
    for (const node of this.graph.nodes) {
      if (node.kind !== 'dense') continue;
      const { weight, bias } = denseNames(node);
      const initial = (name: string, length: number) =>
        linearUniform(node.inputs, length, random.stream(`initialisation:${name}`));
      this.store.add(weight, 'weight', [node.inputs, node.outputs], initial(weight, node.inputs * node.outputs));
      this.store.add(bias, 'bias', [node.outputs], initial(bias, node.outputs));
    }
  }

  /** Drops every branch that the architecture does not name, and lets each kept one train kernels of its own from here on. */
  freeze(architecture: Architecture): void {
    for (const node of this.blockNodes()) {
      const wanted = architecture[node.name];
      const all = this.branches(node.name);
      const kept = wanted ? all.filter(({ name }) => wanted.includes(name)) : all;
      const unknown = wanted?.filter((name) => !all.some((branch) => branch.name === name)) ?? [];
      if (unknown.length > 0 || kept.length === 0) {
        throw new Error(
          `block ${node.name} has the branches ${all.map(({ name }) => name).join(', ')}; the architecture wants ${wanted?.join(', ') || 'none'}`,
        );
      }
      this.#replace(node, kept);
    }
  }

  /** Adds a branch of the search space to a block that lacks it, with kernels of its own and the given initial scale. */
  grow(block: string, name: string, gamma: number): Branch {
    const node = this.#node(block);
    const present = this.branches(block);
    const order = this.#plan.spaces.find((space) => space.block === block)?.branches ?? [];
    if (present.some((branch) => branch.name === name)) throw new Error(`block ${block} has branch ${name} already`);
    if (!order.includes(name)) throw new Error(`the search space offers block ${block} no branch ${name}`);
    const branch = new Branch(node, this.#op(name), ownKernels, this.#placement(block));
    branch.initialise(this.store, this.#plan.random, gamma);
    const all = [...present, branch].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    this.#blocks.set(block, all);
    return branch;
  }

  /** Drops one branch of a block and its parameters. */
  cut(block: string, name: string): void {
    const kept = this.branches(block).filter((branch) => branch.name !== name);
    if (kept.length === 0) throw new Error(`block ${block} cannot lose its last branch, ${name}`);
    this.#replace(this.#node(block), kept);
  }

  #node(block: string): BlockNode {
    const node = this.blockNodes().find(({ name }) => name === block);
    if (!node) throw new Error(`the network has no block named ${block}`);
    return node;
  }

  #replace(node: BlockNode, kept: readonly Branch[]): void {
    const before = this.branches(node.name);
    this.#blocks.set(node.name, kept);
    const initialised = this.store.names().length > 0;
    const owned = (branches: readonly Branch[]) =>
      new Set(branches.flatMap((branch) => [...branch.trained(), ...branch.statistics()]));
    const old = owned(before);
    for (const branch of kept) branch.unshare(this.store, ownKernels);
    if (!initialised) return;
    const now = owned(kept);
    for (const name of old) if (!now.has(name)) this.store.remove(name);
  }

  /** Running mean 0, running variance 1 everywhere. */
  resetStatistics(): void {
    for (const name of this.store.names()) {
      if (this.store.role(name) !== 'statistics') continue;
      const variable = this.store.get(name);
      this.store.write(name, new Float32Array(variable.size).fill(1, variable.size / 2));
    }
  }

  /** Every branch, its gate open. */
  everything(): ActiveBranches {
    return new Map([...this.#blocks].map(([block, list]) => [block, list.map((branch) => ({ branch, gate: 1 }))]));
  }

  /** State names of what a step with these branches trains. */
  trained(active: ActiveBranches): string[] {
    const branches = [...active].flatMap(([block, list]) => {
      const norm = this.sumNorm(block);
      return [...list.flatMap(({ branch }) => branch.trained()), ...(norm ? [norm.gamma, norm.beta] : [])];
    });
    const dense = this.graph.nodes.flatMap((node) => (node.kind === 'dense' ? Object.values(denseNames(node)) : []));
    return [...new Set([...branches, ...dense])];
  }

  /** State names of the running statistics that a training step with these branches updates. */
  statistics(active: ActiveBranches): string[] {
    return [...active].flatMap(([block, list]) => {
      const norm = this.sumNorm(block);
      return [...list.flatMap(({ branch }) => branch.statistics()), ...(norm ? [norm.statistics] : [])];
    });
  }

  /** Logits `[N, classes]` with batch statistics; updates the running ones. `gates` holds one `[active]` tensor a block. */
  train(
    images: tf.Tensor4D,
    active: ActiveBranches,
    gates: ReadonlyMap<string, tf.Tensor1D>,
    step: number,
  ): tf.Tensor2D {
    const { padStatistics } = this.#plan;
    return execute(this.graph, images, {
      ...this.#dense(),
      block: (node, x) => {
        const branches = (active.get(node.name) ?? []).map(({ branch }) => branch);
        const own = gates.get(node.name);
        if (!own) throw new Error(`block ${node.name} has no gates in this step`);
        const pass = { node, branches, store: this.store, x, gates: own, padStatistics };
        const sumNorm = this.sumNorm(node.name);
        // One batch-norm behind the sum leaves nothing to choose: the block is one convolution already.
        return sumNorm ? squeezed(pass, sumNorm) : this.#evaluate(pass);
      },
      dropout: (node, x) => this.#drop(node, x, step),
    });
  }

  /** Logits `[N, classes]` with running statistics, unfused. */
  infer(images: tf.Tensor4D, active: ActiveBranches = this.everything(), observe?: ObserveBlock): tf.Tensor2D {
    const executor: NodeExecutor = {
      ...this.#dense(),
      block: (node, x) =>
        inferBlock(
          node,
          (active.get(node.name) ?? []).map(({ branch }) => branch),
          this.store,
          x,
          this.sumNorm(node.name),
        ),
      dropout: (_, x) => x,
    };
    return execute(this.graph, images, executor, { inference: true, ...(observe && { observe }) });
  }

  /** Read access for estimators and strategies; `gradients` are those of the last step. */
  view(gradients: ReadonlyMap<string, tf.Tensor>): ParameterView {
    return {
      names: this.store.names(),
      value: (name) => this.store.read(name),
      gradient: (name) => {
        const gradient = gradients.get(name);
        return gradient && Float32Array.from(gradient.dataSync());
      },
      scaleOf: (block, branch) => this.branch(block, branch).scale,
      ofBranch: (block, branch) =>
        this.branches(block)
          .find(({ name }) => name === branch)
          ?.trained() ?? [],
    };
  }

  dispose(): void {
    this.store.dispose();
  }

  #dense(): Pick<NodeExecutor, 'dense'> {
    return {
      dense: (node) => {
        const { weight, bias } = denseNames(node);
        return [this.store.get(weight), this.store.get(bias)] as unknown as [tf.Tensor2D, tf.Tensor1D];
      },
    };
  }

  #drop(node: DropoutNode, x: tf.Tensor, step: number): tf.Tensor {
    const rate = node.rate ?? this.#plan.dropout;
    if (rate === 0) return x;
    const random = this.#plan.random.stream(`dropout:${node.name}`, step);
    const keep = Float32Array.from({ length: x.size }, () => (random.uniform() < rate ? 0 : 1 / (1 - rate)));
    return tf.mul(x, tf.tensor(keep, x.shape));
  }

  #op(name: string): Chosen<BranchOp> {
    const op = this.#plan.branchOps.get(name);
    if (!op)
      throw new Error(
        `the search space names branch op '${name}', which is not among ${[...this.#plan.branchOps.keys()].join(', ')}`,
      );
    return op;
  }

  #bind(node: BlockNode): Bind {
    const { definition, options } = this.#plan.weightSharing;
    return (branch, kernel) => definition.bind(node, branch, kernel, options);
  }
}

const ownKernels: Bind = (branch, kernel) => ({
  parameter: `${branch}.${kernel.name}`,
  shape: [kernel.height, kernel.width, kernel.inputs, kernel.outputs],
});

export const denseNames = (node: DenseNode): { weight: string; bias: string } => ({
  weight: `${node.name}.weight`,
  bias: `${node.name}.bias`,
});

/** The branches that a mask over the gates leaves active; a branch that no gate decides about always is. */
export function activeBranches(
  supernet: Supernet,
  gates: readonly Gate[],
  { mask, values }: Pick<Selection, 'mask' | 'values'>,
): ActiveBranches {
  const index = new Map(gates.map(({ block, branch }, gate) => [`${block}/${branch}`, gate] as const));
  const active = (block: string) =>
    supernet.branches(block).flatMap((branch): ActiveBranch[] => {
      const gate = index.get(`${block}/${branch.name}`);
      if (gate === undefined) return [{ branch, gate: 1 }];
      return mask[gate] ? [{ branch, gate: values?.[gate] ?? 1 }] : [];
    });
  return new Map(supernet.blockNodes().map(({ name }) => [name, active(name)]));
}
