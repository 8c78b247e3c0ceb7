import type * as tf from '@tensorflow/tfjs-core';
import type { NetworkGraph, ParameterView } from '../../contracts/network.js';
import { addDense, denseNames, denseNodes, dropout, readDense, refuseUntrained } from './layers.js';
import { type ActiveBranches, everyBranch } from './gates.js';
import { inferBlock } from './block.js';
import { Blocks, type BlocksPlan } from './blocks.js';
import { type BlockForwardName, blockEvaluation, type Preference } from '../block-forward/choose.js';
import type { BlockForward } from '../block-forward/block-pass.js';
import { ReplayedBlocks } from '../block-forward/replayed.js';
import { squeezed } from '../block-forward/merged.js';
import { execute, type ObserveBlock } from './execute.js';
import { freshStatistics, ParameterStore } from './parameters.js';
import type { PadStatistics } from './norm.js';
import { addNorm } from './norm-names.js';

export interface SupernetPlan extends BlocksPlan {
  readonly padStatistics: PadStatistics;
  readonly blockEvaluation: BlockForwardName;
  /** What `auto` minimises. Default: time. */
  readonly prefer?: Preference;
  /** Fraction of values zeroed by dropout nodes that name none. */
  readonly dropout: number;
}

/** The trained form of a network: every block with the branches it still has, and all their parameters. */
export class Supernet {
  readonly store = new ParameterStore();
  readonly graph: NetworkGraph;
  readonly blocks: Blocks;
  readonly #plan: SupernetPlan;
  readonly #evaluate: BlockForward;
  readonly #replayed = new ReplayedBlocks();

  constructor(plan: SupernetPlan) {
    this.#plan = plan;
    refuseUntrained(plan.graph);
    this.graph = plan.graph;
    this.blocks = new Blocks(plan, this.store);
    this.#evaluate = blockEvaluation(plan.blockEvaluation, plan.prefer);
  }

  /** Creates missing parameters. `gamma` gives the initial scale of a branch's closing batch-norm. */
  initialise(gamma: (block: string, branch: string) => number = () => 1): void {
    const { random } = this.#plan;
    for (const { name: block } of this.blocks.nodes) {
      for (const branch of this.blocks.branches(block)) {
        branch.initialise(this.store, random, gamma(block, branch.name));
      }
    }
    for (const { name, outChannels } of this.blocks.nodes) {
      const norm = this.blocks.sumNorm(name);
      if (norm) addNorm(this.store, norm, outChannels);
    }
    for (const node of denseNodes(this.graph)) addDense(this.store, node, random);
  }

  /** Sets every running mean to 0 and every running variance to 1. */
  resetStatistics(): void {
    for (const name of this.store.names()) {
      if (this.store.role(name) !== 'statistics') continue;
      this.store.write(name, freshStatistics(this.store.get(name).size / 2));
    }
  }

  /** Returns the state names of what a step with these branches trains. */
  trained(active: ActiveBranches): string[] {
    const branches = [...active].flatMap(([block, list]) => {
      const norm = this.blocks.sumNorm(block);
      return [...list.flatMap(({ branch }) => branch.trained()), ...(norm ? [norm.gamma, norm.beta] : [])];
    });
    const dense = denseNodes(this.graph).flatMap((node) => Object.values(denseNames(node)));
    return [...new Set([...branches, ...dense])];
  }

  /** Returns the state names of the running statistics that a step with these branches updates. */
  statistics(active: ActiveBranches): string[] {
    return [...active].flatMap(([block, list]) => {
      const norm = this.blocks.sumNorm(block);
      return [...list.flatMap(({ branch }) => branch.statistics()), ...(norm ? [norm.statistics] : [])];
    });
  }

  /** Returns logits `[N, classes]`, with batch statistics, and updates the running ones. `gates` holds one `[active]` tensor per block. */
  train(
    images: tf.Tensor4D,
    active: ActiveBranches,
    gates: ReadonlyMap<string, tf.Tensor1D>,
    step: number,
  ): tf.Tensor2D {
    const { padStatistics, random, dropout: rate } = this.#plan;
    return execute(this.graph, images, {
      block: (node, x) => {
        const branches = (active.get(node.name) ?? []).map(({ branch }) => branch);
        const own = gates.get(node.name);
        if (!own) throw new Error(`block ${node.name} has no gates in this step`);
        const pass = { node, branches, store: this.store, x, gates: own, padStatistics };
        const sumNorm = this.blocks.sumNorm(node.name);
        // One batch-norm behind the sum leaves nothing to choose: the block is one convolution already.
        return sumNorm
          ? this.#replayed.run(pass, (pass) => squeezed(pass, sumNorm), [sumNorm.gamma, sumNorm.beta])
          : this.#replayed.run(pass, this.#evaluate);
      },
      dense: (name) => readDense(this.store, { name }),
      dropout: (node, x) => dropout(x, node.rate ?? rate, () => random.stream(`dropout:${node.name}`, step)),
    });
  }

  /** Returns logits `[N, classes]` with running statistics, unfused. */
  infer(images: tf.Tensor4D, active: ActiveBranches = everyBranch(this.blocks), observe?: ObserveBlock): tf.Tensor2D {
    const branches = (block: string) => (active.get(block) ?? []).map(({ branch }) => branch);
    return execute(
      this.graph,
      images,
      {
        block: (node, x) => inferBlock(node, branches(node.name), this.store, x, this.blocks.sumNorm(node.name)),
        dense: (name) => readDense(this.store, { name }),
        dropout: (_, x) => x,
      },
      { inference: true, ...(observe && { observe }) },
    );
  }

  /** Gives estimators and strategies read access; `gradients` are those of the last step. */
  view(gradients: ReadonlyMap<string, tf.Tensor>): ParameterView {
    return {
      names: this.store.names(),
      value: (name) => this.store.read(name),
      gradient: (name) => {
        const gradient = gradients.get(name);
        return gradient && Float32Array.from(gradient.dataSync());
      },
      scaleOf: (block, branch) => this.blocks.branch(block, branch).scale,
      ofBranch: (block, branch) =>
        this.blocks
          .branches(block)
          .find(({ name }) => name === branch)
          ?.trained() ?? [],
    };
  }

  dispose(): void {
    this.#replayed.dispose();
    this.store.dispose();
  }
}
