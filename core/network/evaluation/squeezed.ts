import * as tf from '@tensorflow/tfjs-core';
import { branchNorm, convolve } from '../../ops/index.js';
import { branchKernel } from '../branch-kernel.js';
import { EPSILON, pixels, updateStatistics } from '../norm.js';
import type { NormNames } from '../norm-names.js';
import type { BlockPass } from './evaluation.js';

/**
 * A block with one batch-norm behind its sum: the branches' kernels, scaled, are summed first, and the images are convolved
 * once (OREPA's block squeezing, arXiv 2204.00826, section 3.2). No branch has a map of its own, forward or backward.
 */
export function squeezed({ node, branches, store, x, gates }: BlockPass, norm: NormNames): tf.Tensor4D {
  const kernels = branches.map((branch, index) => {
    const scale = tf.mul(store.get(branch.scale), tf.slice1d(gates, index, 1));
    return tf.mul(branchKernel(branch, store), scale) as tf.Tensor4D;
  });
  if (kernels.length === 0) throw new Error(`block ${node.name} has no branch in this step`);
  const padding = node.kernelSize >> 1;
  const { stride, groups } = node;
  const sum = convolve(x, tf.addN(kernels), { stride, padding: [padding, padding], groups });
  const [gamma, beta] = [store.get(norm.gamma), store.get(norm.beta)] as unknown as [tf.Tensor1D, tf.Tensor1D];
  const relu = node.activation === 'relu';
  const { y, moments } = branchNorm([sum], [gamma], [beta], tf.ones([1]), { epsilon: EPSILON, relu });
  updateStatistics(store, norm.statistics, { moments: moments[0] as tf.Tensor2D, count: pixels(y) });
  return y;
}
