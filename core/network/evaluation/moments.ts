import * as tf from '@tensorflow/tfjs-core';
import { convolve, quadraticForm, shiftActivation, untracked } from '../../ops/index.js';
import { EPSILON, updateStatistics } from '../norm.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';
import { type TracedKernel, trace } from './kernel-trace.js';
import { mergedKernel } from './merged-kernel.js';
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
  const traces = branches.map((branch) =>
    trace(branch, store, (norm, own, before) => {
      const names = branch.normNames(norm);
      const [mean, form] = answers(own, inner);
      const variance = varianceOf(mean, form);
      observe(pass, names.statistics, [mean, variance], innerCount, before);
      const gamma: tf.Tensor = store.get(names.gamma);
      const scale: tf.Tensor = tf.mul(gamma, tf.rsqrt(tf.add(variance, EPSILON)));
      const rest = (): tf.Tensor1D => row(tf.sub(store.get(names.beta), tf.mul(mean, scale)));
      return { scale: row(scale), constant: rest };
    }),
  );
  // One row for each branch from here on.
  const found = traces.map(({ kernel }) => answers(kernel, patches));
  const mean = rows(found.map(([own]) => own));
  const variance = varianceOf(mean, rows(found.map(([, form]) => form)));
  for (const [index, branch] of branches.entries()) {
    const own = [mean, variance].map((all) => tf.slice2d(all, [index, 0], [1, node.outChannels]));
    observe(pass, branch.normNames('norm').statistics, own, count, traces[index]?.constant);
  }
  const parameters = (name: 'gamma' | 'beta'): tf.Tensor =>
    tf.mul(
      tf.stack(branches.map((branch) => store.get(branch.normNames('norm')[name]))),
      tf.reshape(gates, [branches.length, 1]),
    );
  const scale = tf.mul(parameters('gamma'), tf.rsqrt(tf.add(variance, EPSILON))) as tf.Tensor2D;
  const shift = tf.sum(tf.sub(parameters('beta'), tf.mul(mean, scale)), 0) as tf.Tensor1D;
  const kernel = mergedKernel(
    traces.map((branch) => branch.kernel),
    scale,
    size,
  );
  const padding = [size >> 1, size >> 1] as const;
  return shiftActivation(convolve(x, kernel, { stride, padding, groups: 1 }), shift, node.activation === 'relu');
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

/** Mean and mean square of a kernel's answers to all patches, `[1, O]` each. */
function answers({ window, value }: TracedKernel, patches: Patches): [tf.Tensor2D, tf.Tensor2D] {
  const squares = quadraticForm(patches.second(window), value);
  return [tf.matMul(patches.mean(window), value), tf.reshape(squares, [1, squares.size]) as tf.Tensor2D];
}

/** Rounding may leave a little less than nothing. */
const varianceOf = (mean: tf.Tensor2D, square: tf.Tensor2D): tf.Tensor2D => tf.relu(tf.sub(square, tf.square(mean)));

const rows = (tensors: tf.Tensor2D[]): tf.Tensor2D =>
  tensors.length === 1 ? (tensors[0] as tf.Tensor2D) : tf.concat2d(tensors, 0);

const row = (tensor: tf.Tensor): tf.Tensor1D => tf.reshape(tensor, [tensor.size]) as tf.Tensor1D;

function observe(
  { store }: BlockPass,
  statistics: string,
  moments: tf.Tensor[],
  count: number,
  constant: (() => tf.Tensor1D) | undefined,
): void {
  untracked(() =>
    tf.tidy(() => updateStatistics(store, statistics, { moments: rows(moments as tf.Tensor2D[]), count, constant })),
  );
}
