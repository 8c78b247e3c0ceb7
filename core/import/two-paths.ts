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
      const kernel = tf.tensor4d(fused.kernel, [...fused.shape]);
      const run = (x: tf.Tensor4D): tf.Tensor4D => activated(node, runFused(node, kernel, fused.bias, x));
      const expected = activated(node, unfusedBlock(block, node, this.#trained));
      running.add(expected.dataSync() as Float32Array, run(this.#trained).dataSync() as Float32Array);
      return [expected, run(this.#fused)] as const;
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
}

function runFused(
  { kernelSize, stride, groups }: BlockNode,
  kernel: tf.Tensor4D,
  bias: Float32Array,
  x: tf.Tensor4D,
): tf.Tensor4D {
  const padding = kernelSize >> 1;
  return tf.add(convolve(x, kernel, { stride, padding: [padding, padding], groups }), bias);
}

const activated = ({ activation }: BlockNode, x: tf.Tensor4D): tf.Tensor4D => (activation === 'relu' ? tf.relu(x) : x);
