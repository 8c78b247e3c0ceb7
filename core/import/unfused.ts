import * as tf from '@tensorflow/tfjs-core';
import type { BlockNode } from '../contracts/network.js';
import type { FoldedConvolution, InferenceNorm } from '../contracts/kernel.js';
import { averagePool, convolve } from '../ops/index.js';
import type { ImportedBlock, ImportedBranch } from './branch.js';

/**
 * A block as it was trained, before its activation: every branch layer by layer, summed. The image gets its border of zeros once,
 * before the first layer: what the layers make of it is the border that a later layer sees, which is DBB's padding.
 */
export function unfusedBlock(block: ImportedBlock, node: BlockNode, x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const border = block.kernelSize >> 1;
    const bordered = tf.pad4d(x, [
      [0, 0],
      [border, border],
      [border, border],
      [0, 0],
    ]);
    return tf.addN(block.branches.map((branch) => runBranch(block, branch, node, bordered)));
  });
}

function runBranch(
  block: ImportedBlock,
  { layers }: ImportedBranch,
  node: BlockNode,
  bordered: tf.Tensor4D,
): tf.Tensor4D {
  const border = block.kernelSize >> 1;
  const lastInSpace = layers.findLastIndex(({ kind }) => kind !== 'norm');
  let y = lastInSpace < 0 ? crop(bordered, border, border) : bordered;
  for (const [index, layer] of layers.entries()) {
    const stride = index === lastInSpace ? node.stride : 1;
    if (layer.kind === 'norm') y = normalise(y, layer.norm);
    else if (layer.kind === 'average') y = averagePool(y, { size: block.kernelSize, stride, padding: 0 });
    else {
      const [height, width] = layer.convolution.kernel.shape;
      if (index === lastInSpace) y = crop(y, border - (height >> 1), border - (width >> 1));
      y = convolution(y, layer.convolution, stride);
    }
  }
  return y;
}

function crop(x: tf.Tensor4D, rows: number, columns: number): tf.Tensor4D {
  if (rows === 0 && columns === 0) return x;
  const [count, height, width, channels] = x.shape;
  return tf.slice4d(x, [0, rows, columns, 0], [count, height - 2 * rows, width - 2 * columns, channels]);
}

function convolution(x: tf.Tensor4D, { kernel, bias }: FoldedConvolution, stride: number): tf.Tensor4D {
  const filter = tf.tensor4d(Float32Array.from(kernel.data), [...kernel.shape]);
  const groups = x.shape[3] / kernel.shape[2];
  return tf.add(convolve(x, filter, { stride, padding: [0, 0], groups }), tf.tensor1d(Float32Array.from(bias)));
}

function normalise(x: tf.Tensor4D, { gamma, beta, mean, variance, epsilon }: InferenceNorm): tf.Tensor4D {
  const [scale, shift] = [new Float32Array(gamma.length), new Float32Array(gamma.length)];
  for (const [channel, weight] of gamma.entries()) {
    const factor = weight / Math.sqrt((variance[channel] as number) + epsilon);
    scale[channel] = factor;
    shift[channel] = (beta[channel] as number) - (mean[channel] as number) * factor;
  }
  return tf.add(tf.mul(x, tf.tensor1d(scale)), tf.tensor1d(shift));
}
