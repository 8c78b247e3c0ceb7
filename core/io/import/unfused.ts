import * as tf from '@tensorflow/tfjs-core';
import type { InferenceNorm } from '../../contracts/kernel.js';
import type { BlockNode } from '../../contracts/network.js';
import { activate } from '../../reparam/network/layers.js';
import { affineSum, averagePool, convolve } from '../../engine/index.js';
import type { ImportedBlock, ImportedLayer } from './branch.js';
import { split } from './fold-block.js';

/** A block as it was trained, its numbers on the current engine. */
export interface UnfusedBlock {
  readonly kernelSize: number;
  readonly branches: readonly (readonly Layer[])[];
  /** What each branch is multiplied by before the sum, and what is added to it. */
  readonly scales: readonly tf.Tensor1D[];
  readonly shift: tf.Tensor1D;
  /** What the sum is multiplied by, and what is added to it, where a batch-norm stands behind it. */
  readonly closing?: readonly [scale: tf.Tensor1D, shift: tf.Tensor1D];
}

type Layer =
  | {
      readonly kind: 'convolution';
      readonly filter: tf.Tensor4D;
      readonly bias?: tf.Tensor1D;
      readonly dilation: number;
    }
  | { readonly kind: 'norm'; readonly scale: tf.Tensor1D; readonly shift: tf.Tensor1D }
  | { readonly kind: 'average' };

/** Puts a block's numbers on the current engine. A bias of a branch that is one convolution joins the sum's shift. */
export function prepareUnfused({ kernelSize, outputs, branches, closing, dilation = 1 }: ImportedBlock): UnfusedBlock {
  const scales: tf.Tensor1D[] = [];
  const shift = new Float64Array(outputs);
  const prepared = branches.map((branch) => {
    const { linear, norm } = split(branch);
    const [scale, offset] = norm ? affine(norm) : [new Float32Array(outputs).fill(1), new Float32Array(outputs)];
    const [only] = linear;
    const alone = linear.length === 1 && only?.kind === 'convolution' ? only.convolution.bias : undefined;
    for (let at = 0; at < outputs; at++)
      shift[at] = (shift[at] as number) + (offset[at] as number) + (alone?.[at] ?? 0) * (scale[at] as number);
    scales.push(tf.tensor1d(scale));
    return linear.map((layer) => prepareLayer(layer, alone !== undefined, dilation));
  });
  const [scale, offset] = closing ? affine(closing) : [];
  return {
    kernelSize: (kernelSize - 1) * dilation + 1,
    branches: prepared,
    scales,
    shift: tf.tensor1d(new Float32Array(shift)),
    ...(scale && offset && { closing: [tf.tensor1d(scale), tf.tensor1d(offset)] as const }),
  };
}

function prepareLayer(layer: ImportedLayer, withoutBias: boolean, spacing: number): Layer {
  if (layer.kind === 'average') return layer;
  if (layer.kind === 'norm') {
    const [scale, shift] = affine(layer.norm);
    return { kind: 'norm', scale: tf.tensor1d(scale), shift: tf.tensor1d(shift) };
  }
  const { kernel, bias } = layer.convolution;
  const data = kernel.data instanceof Float32Array ? kernel.data : new Float32Array(kernel.data);
  const filter = tf.tensor4d(data, [...kernel.shape]);
  const dilation = spacing * (layer.dilation ?? 1);
  if (withoutBias || bias.every((value) => value === 0)) return { kind: 'convolution', filter, dilation };
  return { kind: 'convolution', filter, dilation, bias: tf.tensor1d(Float32Array.from(bias)) };
}

/** What the block gives, activation included: every branch layer by layer, summed. */
export function runUnfused(block: UnfusedBlock, node: BlockNode, x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const values = block.branches.map((layers) => runLayers(block.kernelSize, layers, node, x));
    const { activation } = node;
    const { scales, shift, closing } = block;
    const sum = affineSum(values, [...scales], shift, activation === 'relu' && !closing);
    const closed = closing ? affineSum([sum], [closing[0]], closing[1], activation === 'relu') : sum;
    return activation === 'relu' ? closed : activate(closed, activation);
  });
}

/** The same of a block whose numbers are used once. */
export const unfusedBlock = (block: ImportedBlock, node: BlockNode, x: tf.Tensor4D): tf.Tensor4D =>
  tf.tidy(() => runUnfused(prepareUnfused(block), node, x));

export function disposeUnfused({ branches, scales, shift, closing }: UnfusedBlock): void {
  tf.dispose([...scales, shift, ...(closing ?? [])]);
  for (const layer of branches.flat()) tf.dispose({ ...layer });
}

function runLayers(kernelSize: number, layers: readonly Layer[], node: BlockNode, x: tf.Tensor4D): tf.Tensor4D {
  const [only, ...others] = layers;
  if (!only) return x;
  if (others.length > 0 || only.kind !== 'convolution') return runSequence(kernelSize, layers, node, x);
  const { filter, dilation } = only;
  const padding = [dilation * (filter.shape[0] >> 1), dilation * (filter.shape[1] >> 1)] as const;
  return convolution(x, filter, node.stride, padding, dilation);
}

/**
 * Several layers. The image gets its border of zeros once, before the first: what the layers make of it is the border that a
 * later one sees, which is DBB's padding.
 */
function runSequence(kernelSize: number, layers: readonly Layer[], node: BlockNode, x: tf.Tensor4D): tf.Tensor4D {
  const border = kernelSize >> 1;
  const sides: [number, number] = [border, border];
  const wide = layers.findLastIndex((layer) => layer.kind === 'average' || reach(layer) > 0);
  // Where no layer sees more than one pixel, the last convolution takes the stride.
  const lastInSpace = wide >= 0 ? wide : layers.findLastIndex(({ kind }) => kind === 'convolution');
  let y = tf.pad4d(x, [[0, 0], sides, sides, [0, 0]]);
  for (const [index, layer] of layers.entries()) {
    const stride = index === lastInSpace ? node.stride : 1;
    if (layer.kind === 'norm') y = affineSum([y], [layer.scale], layer.shift, false);
    else if (layer.kind === 'average') y = averagePool(y, { size: kernelSize, stride, padding: 0 });
    else {
      const { filter, dilation } = layer;
      const [height, width] = filter.shape;
      if (index === lastInSpace) y = crop(y, border - dilation * (height >> 1), border - dilation * (width >> 1));
      y = convolution(y, filter, stride, [0, 0], dilation);
      if (layer.bias) y = tf.add(y, layer.bias);
    }
  }
  return lastInSpace < 0 ? crop(y, border, border) : y;
}

/** Pixels that a layer sees beside its own. */
const reach = (layer: Layer): number =>
  layer.kind === 'convolution' ? layer.dilation * Math.max(layer.filter.shape[0] >> 1, layer.filter.shape[1] >> 1) : 0;

function crop(x: tf.Tensor4D, rows: number, columns: number): tf.Tensor4D {
  if (rows === 0 && columns === 0) return x;
  const [count, height, width, channels] = x.shape;
  return tf.slice4d(x, [0, rows, columns, 0], [count, height - 2 * rows, width - 2 * columns, channels]);
}

const convolution = (
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  padding: readonly [number, number],
  dilation: number,
): tf.Tensor4D => {
  const groups = x.shape[3] / filter.shape[2];
  return convolve(x, filter, { stride, padding, groups, ...(dilation > 1 && { dilation: [dilation, dilation] }) });
};

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
