import * as tf from '@tensorflow/tfjs-core';
import type { BlockNode } from '../contracts/network.js';
import type { InferenceNorm } from '../contracts/kernel.js';
import type { Convolution } from '../fold/index.js';
import { affineSum, averagePool, convolve } from '../ops/index.js';
import type { ImportedBlock, ImportedLayer } from './branch.js';
import { split } from './fold-block.js';

/** A block as it was trained, activation included: every branch layer by layer, summed. */
export function unfusedBlock(block: ImportedBlock, node: BlockNode, x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const values: tf.Tensor4D[] = [];
    const scales: tf.Tensor1D[] = [];
    let shift: tf.Tensor1D = tf.zeros([block.outputs]);
    for (const branch of block.branches) {
      const { linear, norm } = split(branch);
      const { value, bias } = runLayers(block, linear, node, x);
      const [scale, offset] = norm ? affine(norm) : [new Float32Array(block.outputs).fill(1), undefined];
      values.push(value);
      scales.push(tf.tensor1d(scale));
      if (offset) shift = tf.add(shift, tf.tensor1d(offset));
      if (bias) shift = tf.add(shift, tf.mul(tf.tensor1d(Float32Array.from(bias)), scale));
    }
    return affineSum(values, scales, shift, node.activation === 'relu');
  });
}

interface Linear {
  readonly value: tf.Tensor4D;
  /** Still to be added. */
  readonly bias?: Float64Array;
}

function runLayers(block: ImportedBlock, layers: readonly ImportedLayer[], node: BlockNode, x: tf.Tensor4D): Linear {
  const [only, ...others] = layers;
  if (!only) return { value: x };
  if (others.length > 0 || only.kind !== 'convolution') return { value: runSequence(block, layers, node, x) };
  const { kernel, bias } = only.convolution;
  const padding = [kernel.shape[0] >> 1, kernel.shape[1] >> 1] as const;
  return { value: convolution(x, only.convolution, node.stride, padding), bias };
}

/**
 * Several layers. The image gets its border of zeros once, before the first: what the layers make of it is the border that a
 * later one sees, which is DBB's padding.
 */
function runSequence(
  block: ImportedBlock,
  layers: readonly ImportedLayer[],
  node: BlockNode,
  x: tf.Tensor4D,
): tf.Tensor4D {
  const border = block.kernelSize >> 1;
  const sides: [number, number] = [border, border];
  const lastInSpace = layers.findLastIndex(({ kind }) => kind !== 'norm');
  let y = tf.pad4d(x, [[0, 0], sides, sides, [0, 0]]);
  for (const [index, layer] of layers.entries()) {
    const stride = index === lastInSpace ? node.stride : 1;
    if (layer.kind === 'norm') y = normalise(y, layer.norm);
    else if (layer.kind === 'average') y = averagePool(y, { size: block.kernelSize, stride, padding: 0 });
    else {
      const { kernel, bias } = layer.convolution;
      if (index === lastInSpace) y = crop(y, border - (kernel.shape[0] >> 1), border - (kernel.shape[1] >> 1));
      y = convolution(y, layer.convolution, stride, [0, 0]);
      if (bias.some((value) => value !== 0)) y = tf.add(y, tf.tensor1d(Float32Array.from(bias)));
    }
  }
  return lastInSpace < 0 ? crop(y, border, border) : y;
}

function crop(x: tf.Tensor4D, rows: number, columns: number): tf.Tensor4D {
  if (rows === 0 && columns === 0) return x;
  const [count, height, width, channels] = x.shape;
  return tf.slice4d(x, [0, rows, columns, 0], [count, height - 2 * rows, width - 2 * columns, channels]);
}

function convolution(
  x: tf.Tensor4D,
  { kernel: { shape, data } }: Convolution,
  stride: number,
  padding: readonly [number, number],
): tf.Tensor4D {
  const filter = tf.tensor4d(data instanceof Float32Array ? data : new Float32Array(data), [...shape]);
  return convolve(x, filter, { stride, padding, groups: x.shape[3] / shape[2] });
}

function normalise(x: tf.Tensor4D, norm: InferenceNorm): tf.Tensor4D {
  const [scale, shift] = affine(norm);
  return affineSum([x], [tf.tensor1d(scale)], tf.tensor1d(shift), false);
}

/** What a batch-norm multiplies by and adds. */
function affine({ gamma, beta, mean, variance, epsilon }: InferenceNorm): readonly [Float32Array, Float32Array] {
  const [scale, shift] = [new Float32Array(gamma.length), new Float32Array(gamma.length)];
  for (const [channel, weight] of gamma.entries()) {
    const factor = weight / Math.sqrt((variance[channel] as number) + epsilon);
    scale[channel] = factor;
    shift[channel] = (beta[channel] as number) - (mean[channel] as number) * factor;
  }
  return [scale, shift];
}
