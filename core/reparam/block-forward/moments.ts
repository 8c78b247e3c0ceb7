import * as tf from '@tensorflow/tfjs-core';
import { convolveBiased, kernelNorm, mergedKernel } from '../../engine/index.js';
import { identityKernel } from '../network/parameters.js';
import { constantOf, EPSILON, statisticsRecorder } from '../network/norm.js';
import type { BlockForward, BlockPass } from './block-pass.js';
import { trace } from '../interpreters/kernels.js';
import { type Patches, patchesOf } from './patches.js';
import { places, type Window } from './windows.js';

/** Returns true if a block can be computed from its input's moments. */
export const takesMoments = ({ node, padStatistics }: Pick<BlockPass, 'node' | 'padStatistics'>): boolean =>
  node.groups === 1 && padStatistics === 'batch';

/**
 * All branches as one convolution. A block is linear before its activation, so the batch statistics of a branch follow from the
 * first and second moments of the input's patches and the branch's own kernel W_b: μ_b = W_b m, v_b = diag(W_b S W_bᵀ) − μ_b².
 * With a_b = z_b γ_b/√(v_b + ε) then y = act((Σ a_b W_b) * x + Σ (z_b β_b − a_b μ_b)): no branch has a map of its own, neither
 * forward nor backward. Exact, borders included. Needs one group, and inner batch-norms that are padded by batch statistics.
 */
export const moments: BlockForward = (pass) => {
  const { node, branches, store, x, gates } = pass;
  const { kernelSize: size, stride } = node;
  const patches = patchesOf(x, size, stride);
  const inner = stride === 1 ? () => patches : innerPatches(x, size);
  const innerCount = x.shape[0] * x.shape[1] * x.shape[2];
  const parameter = (name: string) => store.get(name) as unknown as tf.Tensor1D;
  const recorder = statisticsRecorder(store);
  const { inChannels: channels } = node;
  const unchanged = tf.tensor2d(identityKernel({ inputs: channels, outputs: channels }), [channels, channels]);
  const traces = branches.map((branch) =>
    trace(branch, store, unchanged, (norm, { window, value }, before) => {
      const names = branch.normNames(norm);
      const { moments: all, window: ofWindow } = inner(window);
      const attributes = { window: ofWindow(window), epsilon: EPSILON };
      const { y, moments } = kernelNorm(all, value, parameter(names.gamma), attributes);
      recorder.record(names.statistics, { moments, count: innerCount, constant: before });
      return { value: y, constant: () => constantOf(store, names, moments) };
    }),
  );
  const kernels = traces.map(({ kernel }) => kernel);
  const merged = mergedKernel(
    patches.moments,
    gates,
    branches.map((branch, index) => {
      const { gamma, beta } = branch.normNames('norm');
      return { kernel: kernels[index]?.value as tf.Tensor, gamma: parameter(gamma), beta: parameter(beta) };
    }),
    {
      size,
      epsilon: EPSILON,
      windows: kernels.map(({ window }) => patches.window(window)),
      places: kernels.map(({ window }) => places(window, size)),
    },
  );
  const count = x.shape[0] * Math.ceil(x.shape[1] / stride) * Math.ceil(x.shape[2] / stride);
  for (const [index, branch] of branches.entries()) {
    const own = merged.moments[index] as tf.Tensor2D;
    const { constant } = traces[index] ?? {};
    recorder.record(branch.normNames('norm').statistics, { moments: own, count, constant });
  }
  recorder.apply();
  const padding = [size >> 1, size >> 1] as const;
  const relu = node.activation === 'relu';
  return convolveBiased(x, merged.kernel, merged.shift, { stride, padding, groups: 1, relu });
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
