import * as tf from '@tensorflow/tfjs-core';
import { branchNorm, convolve, squeezedKernel } from '../../engine/index.js';
import type { Branch } from '../network/branch.js';
import { identityKernel } from '../network/parameters.js';
import { EPSILON, statisticsRecorder, pixels } from '../network/norm.js';
import type { NormNames } from '../network/norm-names.js';
import type { BlockPass } from './block-pass.js';
import { type TracedKernel, trace } from '../interpreters/kernels.js';
import { places } from './windows.js';

/**
 * A block with one batch-norm behind its sum: the branches' kernels, scaled, are summed first, and the images are convolved
 * once (OREPA's block squeezing, arXiv 2204.00826, section 3.2). No branch has a map of its own, forward or backward.
 */
export function squeezed({ node, branches, store, x, gates }: BlockPass, norm: NormNames): tf.Tensor4D {
  if (branches.length === 0) throw new Error(`block ${node.name} has no branch in this step`);
  const { kernelSize: size, stride, groups, inChannels } = node;
  const spec = { inputs: inChannels / groups, outputs: inChannels };
  const unchanged = tf.tensor2d(identityKernel(spec), [spec.inputs, spec.outputs]);
  // Its scale belongs to the branch, and no batch-norm stands inside.
  const kernels = branches.map((branch) => trace(branch, store, unchanged, (_, { value }) => ({ value })).kernel);
  const kernel = squeezedKernel(
    branches.map((branch, index) => ({
      kernel: (kernels[index] as TracedKernel).value,
      scale: tf.mul(store.get(branch.scale), tf.slice1d(gates, index, 1)) as tf.Tensor1D,
    })),
    { size, places: branches.map((branch, index) => placesOf(branch, kernels[index] as TracedKernel)) },
  );
  const sum = convolve(x, kernel, { stride, padding: [size >> 1, size >> 1], groups });
  const [gamma, beta] = [store.get(norm.gamma), store.get(norm.beta)] as unknown as [tf.Tensor1D, tf.Tensor1D];
  const relu = node.activation === 'relu';
  const { y, moments } = branchNorm([sum], [gamma], [beta], tf.ones([1]), { epsilon: EPSILON, relu });
  const recorder = statisticsRecorder(store);
  recorder.record(norm.statistics, { moments: moments[0] as tf.Tensor2D, count: pixels(y) });
  recorder.apply();
  return y;
}

/** @throws Error if the branch is no convolution that fits into the block's. */
function placesOf({ name, block }: Branch, { window }: TracedKernel): number[][] {
  const { kernelSize } = block;
  if (window.height <= kernelSize && window.width <= kernelSize) return places(window, kernelSize);
  throw new Error(
    `branch op ${name} of block ${block.name} reads ${window.height}x${window.width} pixels; a block of ${kernelSize}x${kernelSize} has no place for them`,
  );
}
