import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap } from '../../contracts/branch-op.js';
import { convolve } from '../../ops/index.js';
import { linear } from '../block.js';
import { EPSILON, updateStatistics } from '../norm.js';
import { type Normalise, plainMap } from '../scope.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';

/**
 * All branches as one convolution. A block is linear before its activation, so the batch statistics of a branch follow from the
 * mean m and covariance S of the input's KxK patches and the branch's own kernel W_b: μ_b = W_b m, v_b = diag(W_b S W_bᵀ).
 * With a_b = z_b γ_b/√(v_b + ε) then y = act((Σ a_b W_b)·(patch − m) + Σ z_b β_b): no branch has a map of its own, neither
 * forward nor backward. Exact, borders included. Needs a block of stride 1 whose inner batch-norms are padded by batch statistics.
 */
export const moments: BlockEvaluation = (pass) => {
  const { node, branches, store, x, gates } = pass;
  const { centred, mean, covariance } = patchMoments(x, node.kernelSize);
  const count = centred.shape[0];
  let kernel: tf.Tensor2D | undefined;
  let shift: tf.Tensor1D | undefined;
  for (const [index, branch] of branches.entries()) {
    const map = response(pass, index, mean, covariance, count);
    const own = kernelOf(map.value as tf.Tensor4D);
    const [batchMean, variance] = statistics(own, mean, covariance);
    const names = branch.normNames('norm');
    const constant = map.constant as (() => tf.Tensor1D) | undefined;
    updateStatistics(store, names.statistics, {
      moments: tf.stack([batchMean, variance]) as tf.Tensor2D,
      count,
      constant,
    });
    const gate = tf.slice1d(gates, index, 1);
    const scale: tf.Tensor1D = tf.mul(tf.mul(store.get(names.gamma), gate), tf.rsqrt(tf.add(variance, EPSILON)));
    const scaled: tf.Tensor2D = tf.mul(own, scale);
    const offset: tf.Tensor1D = tf.mul(store.get(names.beta), gate);
    kernel = kernel ? tf.add(kernel, scaled) : scaled;
    shift = shift ? tf.add(shift, offset) : offset;
  }
  if (!kernel || !shift) throw new Error(`block ${node.name} has no branch in this step`);
  const [n, height, width] = x.shape;
  const sum = tf.add(tf.matMul(centred, kernel), shift);
  const y = tf.reshape(sum, [n, height, width, node.outChannels]) as tf.Tensor4D;
  return node.activation === 'relu' ? tf.relu(y) : y;
};

interface PatchMoments {
  /** `[pixels, K²C]`: every patch of the zero-padded input, less the mean patch. */
  readonly centred: tf.Tensor2D;
  /** `[K²C]` */
  readonly mean: tf.Tensor1D;
  /** `[K²C, K²C]` */
  readonly covariance: tf.Tensor2D;
}

function patchMoments(x: tf.Tensor4D, size: number): PatchMoments {
  const [n, height, width, channels] = x.shape;
  const values = size * size * channels;
  const padding = size >> 1;
  // A convolution whose every output is one value of the patch.
  const pick = tf.reshape(tf.eye(values), [size, size, channels, values]) as tf.Tensor4D;
  const patches = convolve(x, pick, { stride: 1, padding: [padding, padding], groups: 1 });
  const rows = tf.reshape(patches, [n * height * width, values]) as tf.Tensor2D;
  const mean = tf.mean(rows, 0) as tf.Tensor1D;
  const centred: tf.Tensor2D = tf.sub(rows, mean);
  const covariance: tf.Tensor2D = tf.div(tf.matMul(centred, centred, true, false), rows.shape[0]);
  return { centred, mean, covariance };
}

/**
 * A branch's answer to one bright pixel in the middle of a KxK image, one image for each input channel: its kernel, turned
 * upside down. Whatever the op does, its linear part is in there, and in a form that gradients flow through.
 */
function response(
  pass: BlockPass,
  index: number,
  mean: tf.Tensor1D,
  covariance: tf.Tensor2D,
  count: number,
): FeatureMap {
  const { node, branches, store } = pass;
  const branch = branches[index];
  if (!branch) throw new Error(`block ${node.name} has no branch ${index}`);
  const { kernelSize: size, inChannels: channels } = node;
  const middle = size >> 1;
  const pixel = tf.reshape(tf.eye(channels), [channels, 1, 1, channels]);
  const stimulus = tf.pad4d(pixel as tf.Tensor4D, [
    [0, 0],
    [middle, middle],
    [middle, middle],
    [0, 0],
  ]);
  const normalise: Normalise = (of, norm, input, border) => {
    const names = of.normNames(norm);
    const value = input.value as tf.Tensor4D;
    const [innerMean, variance] = statistics(kernelOf(value), mean, covariance);
    const before = input.constant as (() => tf.Tensor1D) | undefined;
    const batch = { moments: tf.stack([innerMean, variance]) as tf.Tensor2D, count, constant: before };
    updateStatistics(store, names.statistics, batch);
    const scale: tf.Tensor1D = tf.mul(store.get(names.gamma), tf.rsqrt(tf.add(variance, EPSILON)));
    const constant = (): tf.Tensor1D => tf.sub(store.get(names.beta), tf.mul(innerMean, scale));
    return { value: tf.mul(value, scale), border, pending: border > 0, constant };
  };
  return linear(branch, store, plainMap(stimulus), normalise);
}

/** `[C, K, K, O]`, the answers to one bright pixel, as the kernel `[K²C, O]` that gives them. */
function kernelOf(answers: tf.Tensor4D): tf.Tensor2D {
  const [channels, height, width, outputs] = answers.shape;
  const kernel = tf.transpose(tf.reverse4d(answers, [1, 2]), [1, 2, 0, 3]);
  return tf.reshape(kernel, [height * width * channels, outputs]) as tf.Tensor2D;
}

/** Mean and biased variance of W·patch over all patches, `[O]` each. */
function statistics(kernel: tf.Tensor2D, mean: tf.Tensor1D, covariance: tf.Tensor2D): [tf.Tensor1D, tf.Tensor1D] {
  const row = tf.reshape(mean, [1, mean.size]) as tf.Tensor2D;
  const batchMean = tf.reshape(tf.matMul(row, kernel), [kernel.shape[1]]) as tf.Tensor1D;
  return [batchMean, tf.sum(tf.mul(kernel, tf.matMul(covariance, kernel)), 0)];
}
