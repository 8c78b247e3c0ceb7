import * as tf from '@tensorflow/tfjs-core';
import type { FusedNetwork } from '../../contracts/exporter.js';
import type { BlockNode } from '../../contracts/network.js';
import { convolveBiased } from '../../engine/index.js';
import { activate } from './activation.js';
import { execute, type ObserveNode } from './execute.js';

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
