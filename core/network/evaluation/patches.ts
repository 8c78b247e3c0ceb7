import * as tf from '@tensorflow/tfjs-core';
import { convolve, patchMoments } from '../../ops/index.js';
import {
  MOMENT_PARTS,
  meanAssembly,
  pairSelection,
  secondMomentAssembly,
  tapSelection,
  type Window,
} from './windows.js';

/** Moments of the patches that a block's kernels see, zeros beyond the border, as means over all places; part of the gradient. */
export interface Patches {
  /** `[P, C·C]`: what second moments are put together from. */
  readonly products: tf.Tensor2D;
  /** `[F, C]`: what mean patches are put together from. */
  readonly means: tf.Tensor2D;
  /** `[n·n, P]`: with the products gives E[x_j(t')·x_i(t)] for taps t, t' of a window of n, over t, t', j, i. */
  secondAssembly(window: Window): Float32Array;
  /** `[n, F]`: with the means gives E[x_i(t)]. */
  meanAssembly(window: Window): Float32Array;
}

/**
 * Up to 3x3 at stride 1 the moments depend on the distance of two taps only, but for the borders, so few products serve all
 * pairs; else they come from the patches themselves.
 */
export const patchesOf = (x: tf.Tensor4D, size: number, stride: number): Patches =>
  stride === 1 && (size === 1 || size === 3) ? fromDistances(x, size) : fromPatches(x, size, stride);

function fromDistances(x: tf.Tensor4D, size: 1 | 3): Patches {
  const channels = x.shape[3];
  const { matrices, sums } = MOMENT_PARTS[size];
  const moments = patchMoments(x, size);
  const products = tf.slice2d(moments, [0, 0], [matrices * channels, channels]);
  return {
    products: tf.reshape(products, [matrices, channels ** 2]) as tf.Tensor2D,
    means: tf.slice2d(moments, [matrices * channels, 0], [sums, channels]),
    secondAssembly: (window) => secondMomentAssembly(window, size),
    meanAssembly: (window) => meanAssembly(window, size),
  };
}

function fromPatches(x: tf.Tensor4D, size: number, stride: number): Patches {
  const channels = x.shape[3];
  const count = size ** 2;
  const values = count * channels;
  const padding = size >> 1;
  // A convolution whose every output is one value of the patch.
  const pick = tf.reshape(tf.eye(values), [size, size, channels, values]) as tf.Tensor4D;
  const rows = tf.reshape(convolve(x, pick, { stride, padding: [padding, padding], groups: 1 }), [-1, values]);
  const square = tf.div(tf.matMul(rows, rows, true, false), rows.shape[0] as number);
  const pairs = tf.transpose(tf.reshape(square, [count, channels, count, channels]), [2, 0, 1, 3]);
  return {
    products: tf.reshape(pairs, [count ** 2, channels ** 2]) as tf.Tensor2D,
    means: tf.reshape(tf.mean(rows, 0), [count, channels]) as tf.Tensor2D,
    secondAssembly: (window) => pairSelection(window, size),
    meanAssembly: (window) => tapSelection(window, size),
  };
}
