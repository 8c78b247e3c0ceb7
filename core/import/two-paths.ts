import * as tf from '@tensorflow/tfjs-core';
import type { FusedConvolution } from '../contracts/exporter.js';
import type { BlockNode, NetworkGraph } from '../contracts/network.js';
import type { RandomSource } from '../contracts/random.js';
import type { Certificate } from '../network/certificate.js';
import { type Difference, Running } from '../network/difference.js';
import { convolve } from '../ops/index.js';
import type { ImportedBlock } from './branch.js';
import { unfusedBlock } from './unfused.js';

/** Random images to compare two networks on. */
export interface Check {
  readonly images: number;
  /** Height and width. */
  readonly size: number;
}

/** Sends the same images through a chain of blocks as trained and as fused, one block at a time. Owns its tensors. */
export class TwoPaths {
  readonly #images: number;
  readonly #blocks: Record<string, Difference> = {};
  #trained: tf.Tensor4D;
  #fused: tf.Tensor4D;

  constructor({ input }: NetworkGraph, random: RandomSource, { images, size }: Check) {
    const stream = random.stream('import:images');
    const values = Float32Array.from({ length: images * size * size * input[2] }, () => stream.normal());
    this.#images = images;
    this.#trained = tf.tensor4d(values, [images, size, size, input[2]]);
    this.#fused = tf.clone(this.#trained);
  }

  /** The block alone on what the trained network feeds it with, and the next step of both networks. */
  block(node: BlockNode, block: ImportedBlock, fused: FusedConvolution): void {
    const running = new Running();
    const [trained, plain] = tf.tidy(() => {
      const expected = unfusedBlock(block, node, this.#trained);
      const [found, next] = this.#runFused(node, fused);
      running.add(expected.dataSync() as Float32Array, found.dataSync() as Float32Array);
      return [expected, next] as const;
    });
    this.dispose();
    [this.#trained, this.#fused] = [trained, plain];
    this.#blocks[node.name] = running.difference();
  }

  /** What both give at the end: the mean over the map, and a dense layer. */
  finish(dense: { readonly weight: Float32Array; readonly bias: Float32Array }, tolerance: number): Certificate {
    const whole = new Running();
    const agreed = tf.tidy(() => {
      const weight = tf.tensor2d(dense.weight, [this.#trained.shape[3], dense.bias.length]);
      const logits = (x: tf.Tensor4D): tf.Tensor =>
        tf.add(tf.matMul(tf.mean<tf.Tensor2D>(x, [1, 2]), weight), dense.bias);
      const [trained, fused] = [logits(this.#trained), logits(this.#fused)];
      whole.add(trained.dataSync() as Float32Array, fused.dataSync() as Float32Array);
      return tf.sum(tf.cast(tf.equal(tf.argMax(trained, 1), tf.argMax(fused, 1)), 'int32')).dataSync()[0] ?? 0;
    });
    const { maxDifference, relativeError } = whole.difference();
    const differences = [relativeError, ...Object.values(this.#blocks).map((block) => block.relativeError)];
    return {
      format: 'repnas-certificate',
      version: 1,
      images: this.#images,
      tolerance,
      passed: differences.every((error) => error <= tolerance),
      maxDifference,
      relativeError,
      argmaxAgreement: agreed / this.#images,
      blocks: this.#blocks,
    };
  }

  dispose(): void {
    tf.dispose([this.#trained, this.#fused]);
  }

  /** What the fused block gives for the trained network's input, and for its own: one convolution, since the kernel is what takes time. */
  #runFused({ kernelSize, stride, groups, activation }: BlockNode, { kernel, shape, bias }: FusedConvolution) {
    const padding = kernelSize >> 1;
    const both = tf.concat4d([this.#trained, this.#fused], 0);
    const y = convolve(both, tf.tensor4d(kernel, [...shape]), { stride, padding: [padding, padding], groups });
    const biased: tf.Tensor4D = tf.add(y, tf.tensor1d(bias));
    return tf.split<tf.Tensor4D>(activation === 'relu' ? tf.relu(biased) : biased, 2, 0) as [tf.Tensor4D, tf.Tensor4D];
  }
}
