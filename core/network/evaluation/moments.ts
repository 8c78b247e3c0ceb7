import * as tf from '@tensorflow/tfjs-core';
import { convolve, quadraticForm, shiftActivation } from '../../ops/index.js';
import { EPSILON, updateStatistics } from '../norm.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';
import { type TracedKernel, trace, unpooled } from './kernel-trace.js';
import { type Patches, patchesOf } from './patches.js';
import type { Window } from './windows.js';

/** Whether a block can be computed from its input's moments. */
export const takesMoments = ({ node, padStatistics }: Pick<BlockPass, 'node' | 'padStatistics'>): boolean =>
  node.groups === 1 && padStatistics === 'batch';

/**
 * All branches as one convolution. A block is linear before its activation, so the batch statistics of a branch follow from the
 * first and second moments of the input's patches and the branch's own kernel W_b: μ_b = W_b m, v_b = diag(W_b S W_bᵀ) − μ_b².
 * With a_b = z_b γ_b/√(v_b + ε) then y = act((Σ a_b W_b) * x + Σ (z_b β_b − a_b μ_b)): no branch has a map of its own, neither
 * forward nor backward. Exact, borders included. Needs one group, and inner batch-norms that are padded by batch statistics.
 */
export const moments: BlockEvaluation = (pass) => {
  const { node, branches, store, x, gates } = pass;
  const { kernelSize: size, stride } = node;
  const patches = patchesOf(x, size, stride);
  const inner = stride === 1 ? patches : innerPatches(x, size);
  const count = x.shape[0] * Math.ceil(x.shape[1] / stride) * Math.ceil(x.shape[2] / stride);
  const innerCount = x.shape[0] * x.shape[1] * x.shape[2];
  const kernels: tf.Tensor4D[] = [];
  const shifts: tf.Tensor1D[] = [];
  for (const [index, branch] of branches.entries()) {
    const { kernel, constant } = trace(branch, store, (norm, own, before) => {
      const names = branch.normNames(norm);
      const [mean, variance] = statistics(own, inner);
      observe(pass, names.statistics, mean, variance, innerCount, before);
      const scale = tf.mul(store.get(names.gamma), tf.rsqrt(tf.add(variance, EPSILON))) as tf.Tensor1D;
      return { scale, constant: () => tf.sub(store.get(names.beta), tf.mul(mean, scale)) };
    });
    const names = branch.normNames('norm');
    const [mean, variance] = statistics(kernel, patches);
    observe(pass, names.statistics, mean, variance, count, constant);
    const gate = tf.slice1d(gates, index, 1);
    const scale = tf.mul(tf.mul(store.get(names.gamma), gate), tf.rsqrt(tf.add(variance, EPSILON)));
    kernels.push(embedded({ ...kernel, value: tf.mul(kernel.value, scale) }, size));
    shifts.push(tf.sub(tf.mul(store.get(names.beta), gate), tf.mul(mean, scale)));
  }
  const padding = [size >> 1, size >> 1] as const;
  const u = convolve(x, sum(kernels), { stride, padding, groups: 1 });
  return shiftActivation(u, sum(shifts), node.activation === 'relu');
};

/** What lies before the stride sees every pixel, mostly through a 1x1 convolution. */
function innerPatches(x: tf.Tensor4D, size: number): Patches {
  let [pixels, all]: (Patches | undefined)[] = [];
  const of = ({ height, width, pooled }: Window): Patches => {
    if (height * width === 1 && !pooled) {
      pixels ??= patchesOf(x, 1, 1);
      return pixels;
    }
    all ??= patchesOf(x, size, 1);
    return all;
  };
  return { second: (window) => of(window).second(window), mean: (window) => of(window).mean(window) };
}

/** Mean and biased variance of a kernel's answers to all patches, `[O]` each. */
function statistics({ window, value }: TracedKernel, patches: Patches): [tf.Tensor1D, tf.Tensor1D] {
  const mean = tf.reshape(tf.matMul(patches.mean(window), value), [value.shape[1]]) as tf.Tensor1D;
  // Rounding may leave a little less than nothing.
  return [mean, tf.relu(tf.sub(quadraticForm(patches.second(window), value), tf.square(mean)))];
}

function observe(
  { store }: BlockPass,
  statistics: string,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  count: number,
  constant: (() => tf.Tensor1D) | undefined,
): void {
  updateStatistics(store, statistics, { moments: tf.stack([mean, variance]) as tf.Tensor2D, count, constant });
}

/** `[K, K, C, O]`: a kernel in the middle of the block's. */
function embedded(kernel: TracedKernel, size: number): tf.Tensor4D {
  const { value, window } = unpooled(kernel, size);
  const { height, width } = window;
  const [rows, outputs] = value.shape;
  const own = tf.reshape(value, [height, width, rows / (height * width), outputs]) as tf.Tensor4D;
  if (height === size && width === size) return own;
  const [top, left] = [(size - height) >> 1, (size - width) >> 1];
  return tf.pad4d(own, [
    [top, size - height - top],
    [left, size - width - left],
    [0, 0],
    [0, 0],
  ]);
}

const sum = <T extends tf.Tensor>(tensors: readonly T[]): T => tensors.reduce((total, tensor) => tf.add(total, tensor));
