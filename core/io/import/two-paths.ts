import * as tf from '@tensorflow/tfjs-core';
import type { FusedConvolution } from '../../contracts/exporter.js';
import type { BlockNode, GraphNode, NetworkGraph } from '../../contracts/network.js';
import type { RandomSource } from '../../contracts/random.js';
import type { Certificate } from '../../reparam/certificate/certificate.js';
import { type Difference, MaxDifference } from '../../reparam/certificate/difference.js';
import { activate } from '../../reparam/network/layers.js';
import { computeNode } from '../../reparam/network/execute.js';
import { inputsOf } from '../../reparam/network/shapes.js';
import { convolve } from '../../engine/index.js';
import type { ImportedBlock } from './branch.js';
import type { DenseNumbers } from './dense-layer.js';
import type { ComparedImages } from './options.js';
import { unfusedBlock } from './unfused.js';

/** A node's value in the network as trained, and in the fused one. */
type Pair = readonly [trained: tf.Tensor, fused: tf.Tensor];

/** What no comparison can vouch for. */
const INFINITE: Difference = { maxDifference: Number.POSITIVE_INFINITY, relativeError: Number.POSITIVE_INFINITY };

/** The numbers themselves are looked at: an engine's ReLU may make a 0 of what is no number, on both paths alike. */
const isNumbers = ({ kernel, bias }: FusedConvolution): boolean =>
  [kernel, bias].every((values) => values.every(Number.isFinite));

/** Sends the same images through a network as trained and as fused, node by node. Owns its tensors, and keeps those that are read again. */
export class TwoPaths {
  readonly #images: ComparedImages;
  readonly #blocks: Record<string, Difference> = {};
  readonly #values = new Map<string, Pair>();
  /** How many nodes still read a value. */
  readonly #readers = new Map<string, number>();

  constructor({ input, nodes }: NetworkGraph, images: ComparedImages) {
    const { values, count, height, width } = images;
    this.#images = images;
    const trained = tf.tensor4d(values, [count, height, width, input[2]]);
    this.#values.set('input', [trained, tf.clone(trained)]);
    for (const name of nodes.flatMap(inputsOf)) this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
  }

  /** The block alone on what the trained network feeds it with, and the next step of both networks. */
  block(node: BlockNode, block: ImportedBlock, fused: FusedConvolution): void {
    const running = new MaxDifference();
    const pair = tf.tidy((): tf.Tensor[] => {
      const [trained, plain] = this.#read(node.input) as readonly [tf.Tensor4D, tf.Tensor4D];
      const expected = unfusedBlock(block, node, trained);
      const [found, next] = runFused(node, fused, trained, plain);
      running.add(expected.dataSync() as Float32Array, found.dataSync() as Float32Array);
      return [expected, next];
    });
    this.#blocks[node.name] = isNumbers(fused) ? running.difference() : INFINITE;
    this.#set(node, pair as unknown as Pair);
  }

  /** Any other node, which is the same in both. */
  step(node: Exclude<GraphNode, BlockNode>, numbers: ReadonlyMap<string, DenseNumbers> = new Map()): void {
    const pair = tf.tidy(() =>
      ([0, 1] as const).map((path) =>
        tf.clone(
          computeNode(node, (name) => this.#read(name)[path], {
            block: () => {
              throw new Error('a block is no other node');
            },
            dense: (name) => {
              const found = numbers.get(name);
              if (!found) throw new Error(`no numbers are given for dense layer '${name}'`);
              const { weight, bias } = found;
              return [tf.tensor2d(weight, [weight.length / bias.length, bias.length]), tf.tensor1d(bias)];
            },
            dropout: (_, x) => x,
          }),
        ),
      ),
    );
    this.#set(node, pair as unknown as Pair);
  }

  /** How far both are apart, at each block and in what the last node gives, logits. */
  finish(last: string, tolerance: number): Certificate {
    const whole = new MaxDifference();
    const agreed = tf.tidy(() => {
      const [trained, fused] = this.#read(last);
      whole.add(trained.dataSync() as Float32Array, fused.dataSync() as Float32Array);
      return tf.sum(tf.cast(tf.equal(tf.argMax(trained, 1), tf.argMax(fused, 1)), 'int32')).dataSync()[0] ?? 0;
    });
    const { maxDifference, relativeError } = whole.difference();
    const differences = [relativeError, ...Object.values(this.#blocks).map((block) => block.relativeError)];
    return {
      format: 'repnas-certificate',
      version: 1,
      images: this.#images.count,
      ...(this.#images.random && { randomImages: true }),
      tolerance,
      passed: differences.every((error) => error <= tolerance),
      maxDifference,
      relativeError,
      argmaxAgreement: agreed / this.#images.count,
      blocks: this.#blocks,
    };
  }

  dispose(): void {
    for (const pair of this.#values.values()) tf.dispose([...pair]);
    this.#values.clear();
  }

  #read(name: string): Pair {
    const pair = this.#values.get(name);
    if (!pair) throw new Error(`a node reads '${name}', which no node before it gives`);
    return pair;
  }

  #set(node: GraphNode, pair: Pair): void {
    this.#values.set(node.name, pair);
    for (const name of inputsOf(node)) {
      const left = (this.#readers.get(name) ?? 0) - 1;
      this.#readers.set(name, left);
      if (left > 0) continue;
      tf.dispose([...(this.#values.get(name) ?? [])]);
      this.#values.delete(name);
    }
  }
}

/**
 * A block alone, as trained and as fused, on random images of 9 x 10 pixels: what can be said of it where the network around it is not known.
 * How many groups it has does not matter to its branches, but where one convolution stands behind another.
 */
export function compareBlock(block: ImportedBlock, fused: FusedConvolution, random: RandomSource): Difference {
  const { name, kernelSize, inputs, outputs } = block;
  const groups = groupsOf(block);
  const fixed = { kind: 'block', name, input: 'input', searchable: true, activation: 'none' } as const;
  const node: BlockNode = {
    ...fixed,
    inChannels: inputs * groups,
    outChannels: outputs,
    kernelSize,
    stride: 1,
    groups,
  };
  const stream = random.stream(`import:${name}`);
  const running = new MaxDifference();
  tf.tidy(() => {
    const values = Float32Array.from({ length: 90 * node.inChannels }, () => stream.normal());
    const x = tf.tensor4d(values, [1, 9, 10, node.inChannels]);
    const [found] = runFused(node, fused, x, x);
    running.add(unfusedBlock(block, node, x).dataSync() as Float32Array, found.dataSync() as Float32Array);
  });
  return running.difference();
}

function groupsOf({ inputs, outputs, branches }: ImportedBlock): number {
  for (const { layers } of branches) {
    const [first, second] = layers.flatMap((layer) =>
      layer.kind === 'convolution' && !layer.filter ? [layer.convolution.kernel] : [],
    );
    // A wide kernel before a narrow one is one of every channel alone, whatever the groups are.
    if (first && second && first.shape[0] === 1) return first.shape[3] / second.shape[2];
    // What begins without a convolution hands every channel on.
    const [start] = layers;
    if (start?.kind === 'norm' && start.norm.gamma.length !== outputs) return start.norm.gamma.length / inputs;
    if (start?.kind !== 'convolution') return outputs / inputs;
  }
  return 1;
}

/** What the fused block gives for the trained network's input, and for its own: one convolution, since the kernel is what takes time. */
function runFused(
  { kernelSize, stride, groups, activation }: BlockNode,
  { kernel, shape, bias }: FusedConvolution,
  trained: tf.Tensor4D,
  fused: tf.Tensor4D,
): [tf.Tensor4D, tf.Tensor4D] {
  const padding = kernelSize >> 1;
  const both = tf.concat4d([trained, fused], 0);
  const y = convolve(both, tf.tensor4d(kernel, [...shape]), { stride, padding: [padding, padding], groups });
  const biased: tf.Tensor4D = tf.add(y, tf.tensor1d(bias));
  return tf.split<tf.Tensor4D>(activate(biased, activation), 2, 0) as [tf.Tensor4D, tf.Tensor4D];
}
