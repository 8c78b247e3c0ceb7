import * as tf from '@tensorflow/tfjs-core';
import { convolve, quadraticForm, shiftActivation, untracked } from '../../ops/index.js';
import { EPSILON, updateStatistics } from '../norm.js';
import { closeByMoments } from './closing.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';
import { type TracedKernel, trace } from './kernel-trace.js';
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
  const inner = stride === 1 ? () => patches : innerPatches(x, size);
  const count = x.shape[0] * Math.ceil(x.shape[1] / stride) * Math.ceil(x.shape[2] / stride);
  const innerCount = x.shape[0] * x.shape[1] * x.shape[2];
  const traces = branches.map((branch) =>
    trace(branch, store, (norm, own, before) => {
      const names = branch.normNames(norm);
      const [mean, form] = answers(own, inner(own.window));
      const variance = varianceOf(mean, form);
      observe(pass, names.statistics, [mean, variance], innerCount, before);
      const gamma: tf.Tensor = store.get(names.gamma);
      const scale: tf.Tensor = tf.mul(gamma, tf.rsqrt(tf.add(variance, EPSILON)));
      const rest = (): tf.Tensor1D => row(tf.sub(store.get(names.beta), tf.mul(mean, scale)));
      return { scale: row(scale), constant: rest };
    }),
  );
  const parameters = (name: 'gamma' | 'beta'): tf.Tensor2D =>
    tf.stack(branches.map((branch) => store.get(branch.normNames('norm')[name]))) as tf.Tensor2D;
  const { kernel, shift } = closeByMoments(
    patches,
    traces.map((branch) => branch.kernel),
    { gamma: parameters('gamma'), beta: parameters('beta'), gates },
    size,
    (means, variances) => {
      for (const [index, branch] of branches.entries()) {
        const own = [means, variances].map((all) => tf.slice2d(all, [index, 0], [1, node.outChannels]));
        observe(pass, branch.normNames('norm').statistics, own, count, traces[index]?.constant);
      }
    },
  );
  const padding = [size >> 1, size >> 1] as const;
  return shiftActivation(convolve(x, kernel, { stride, padding, groups: 1 }), shift, node.activation === 'relu');
};

/** What lies before the stride sees every pixel, mostly through a 1x1 convolution. */
function innerPatches(x: tf.Tensor4D, size: number): (window: Window) => Patches {
  let [pixels, all]: (Patches | undefined)[] = [];
  return ({ height, width, pooled }) => {
    if (height * width === 1 && !pooled) {
      pixels ??= patchesOf(x, 1, 1);
      return pixels;
    }
    all ??= patchesOf(x, size, 1);
    return all;
  };
}

/** Mean and mean square of a kernel's answers to all patches, `[1, O]` each. */
function answers({ window, value }: TracedKernel, patches: Patches): [tf.Tensor2D, tf.Tensor2D] {
  const [rows, outputs] = value.shape;
  const { products, means } = patches;
  const [second, first] = [patches.secondAssembly(window), patches.meanAssembly(window)];
  const count = first.length / means.shape[0];
  const pairs = tf.matMul(tf.tensor2d(second, [count ** 2, products.shape[0]]), products);
  const squares = quadraticForm(tf.reshape(pairs, [count, rows, rows / count]) as tf.Tensor3D, value);
  const mean = tf.reshape(tf.matMul(tf.tensor2d(first, [count, means.shape[0]]), means), [1, rows]) as tf.Tensor2D;
  return [tf.matMul(mean, value), tf.reshape(squares, [1, outputs]) as tf.Tensor2D];
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
