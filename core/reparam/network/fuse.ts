/**
 * A network after training: fused into one convolution a block, the fused network on the engine, and what its branches had learned.
 */
import * as tf from '@tensorflow/tfjs-core';
import type {
  FusedConvolution,
  FusedMetadata,
  FusedNetwork,
  TrainedBlock,
  TrainedBranch,
  TrainedNetwork,
  TrainedNorm,
} from '../../contracts/exporter.js';
import type { Fuser } from '../../contracts/fuser.js';
import type { BlockNode } from '../../contracts/network.js';
import type { Chosen } from '../../contracts/part.js';
import { convolveBiased } from '../../engine/index.js';
import { activate, denseNames } from './layers.js';
import { foldable, foldBehind } from './block.js';
import type { Branch } from './branch.js';
import { execute, type ObserveNode } from './execute.js';
import type { NormNames } from './norm-names.js';
import type { ParameterStore } from './parameters.js';
import type { Supernet } from './supernet.js';

/** Folds every block of a trained network into one convolution with bias. Always from inference statistics. @throws Error naming the block that does not fold into finite numbers. */
export function fuseNetwork(supernet: Supernet, fuser: Chosen<Fuser>, metadata: FusedMetadata): FusedNetwork {
  const convolutions = new Map<string, FusedConvolution>();
  for (const node of supernet.blocks.nodes) {
    const branches = foldable(supernet.blocks.branches(node.name), supernet.store);
    const sum = fuser.definition.fuse(node, branches, fuser.options);
    const { kernel, bias } = foldBehind(sum, supernet.store, supernet.blocks.sumNorm(node.name));
    const fused = { shape: kernel.shape, kernel: Float32Array.from(kernel.data), bias: Float32Array.from(bias) };
    refuseInfinite(node.name, fused);
    convolutions.set(node.name, fused);
  }
  const dense = new Map(
    supernet.graph.nodes.flatMap((node) => {
      if (node.kind !== 'dense') return [];
      const { weight, bias } = denseNames(node);
      return [[node.name, { weight: supernet.store.read(weight), bias: supernet.store.read(bias) }] as const];
    }),
  );
  return { graph: supernet.graph, convolutions, dense, metadata };
}

function refuseInfinite(block: string, { kernel, bias }: FusedConvolution): void {
  for (const [what, values] of [
    ['kernel', kernel],
    ['bias', bias],
  ] as const) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new Error(
        `block ${block} folds into a ${what} with ${values[at]} at index ${at}; training has diverged, so there is nothing to fuse`,
      );
  }
}

/** A fused network with its weights on the current engine. */
export class FusedModel {
  readonly network: FusedNetwork;
  readonly #tensors = new Map<string, readonly [tf.Tensor, tf.Tensor]>();

  constructor(network: FusedNetwork) {
    this.network = network;
    for (const [name, { shape, kernel, bias }] of network.convolutions) {
      this.#tensors.set(name, [tf.tensor4d(kernel, [...shape]), tf.tensor1d(bias)]);
    }
    for (const [name, { weight, bias }] of network.dense) {
      this.#tensors.set(name, [tf.tensor2d(weight, [weight.length / bias.length, bias.length]), tf.tensor1d(bias)]);
    }
  }

  /** Normalised images `[N, H, W, C]` to logits `[N, classes]`. */
  infer(images: tf.Tensor4D, observeNode?: ObserveNode): tf.Tensor2D {
    return execute(
      this.network.graph,
      images,
      {
        block: (node, x) => this.block(node, x),
        dense: (name) => this.#of(name) as [tf.Tensor2D, tf.Tensor1D],
        dropout: (_, x) => x,
      },
      { inference: true, ...(observeNode && { observeNode }) },
    );
  }

  /** One block alone: convolution, bias, activation. */
  block(node: BlockNode, x: tf.Tensor4D): tf.Tensor4D {
    const [kernel, bias] = this.#of(node.name);
    const padding = node.kernelSize >> 1;
    const { stride, groups } = node;
    const relu = node.activation === 'relu';
    const attributes = { stride, padding: [padding, padding] as const, groups, relu };
    const y = convolveBiased(x, kernel as tf.Tensor4D, bias as tf.Tensor1D, attributes);
    return relu ? y : activate(y, node.activation);
  }

  dispose(): void {
    for (const pair of this.#tensors.values()) tf.dispose([...pair]);
    this.#tensors.clear();
  }

  #of(name: string): readonly [tf.Tensor, tf.Tensor] {
    const pair = this.#tensors.get(name);
    if (!pair) throw new Error(`the fused network has no numbers for node ${name}`);
    return pair;
  }
}

/** Reads what the branches of a network with a frozen architecture have learned. */
export const trainedNetwork = (supernet: Supernet): TrainedNetwork =>
  new Map(supernet.blocks.nodes.map(({ name }) => [name, trainedBlock(supernet, name)]));

function trainedBlock(supernet: Supernet, block: string): TrainedBlock {
  const branches = supernet.blocks.branches(block).map((branch) => trainedBranch(branch, supernet.store));
  const norm = supernet.blocks.sumNorm(block);
  return { branches, ...(norm && { norm: trainedNorm(supernet.store, norm) }) };
}

function trainedBranch(branch: Branch, store: ParameterStore): TrainedBranch {
  const kernels = [...branch.kernels.values()].map(({ name, height, width, inputs, outputs, identity = false }) => {
    const values = store.read(branch.kernelName(name));
    return [name, { shape: [height, width, inputs, outputs] as const, values, identity }] as const;
  });
  const norms = [...branch.norms.keys()].map((name) => [name, trainedNorm(store, branch.normNames(name))] as const);
  const scale = branch.norms.has('norm') ? undefined : store.read(branch.scale);
  return { op: branch.name, kernels: new Map(kernels), norms: new Map(norms), ...(scale && { scale }) };
}

function trainedNorm(store: ParameterStore, names: NormNames): TrainedNorm {
  const statistics = store.read(names.statistics);
  const channels = statistics.length / 2;
  return {
    gamma: store.read(names.gamma),
    beta: store.read(names.beta),
    mean: statistics.slice(0, channels),
    variance: statistics.slice(channels),
  };
}
