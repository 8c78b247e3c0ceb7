import * as tf from '@tensorflow/tfjs-core';
import { convolve, type MomentWindow, patchMoments } from '../../engine/index.js';
import { meanAssembly, pairSelection, secondMomentAssembly, tapSelection, type Window } from './windows.js';

/** Moments of the patches that a block's kernels see, zeros beyond the border, as means over all places; part of the gradient. */
export interface Patches {
  /** `[M·C + F, C]`: M matrices that second moments are put together from, and F rows that mean patches are. */
  readonly moments: tf.Tensor2D;
  /** How those of a window are put together. */
  window(window: Window): MomentWindow;
}

/**
 * Up to 3x3 at stride 1 the moments depend on the distance of two taps only, but for the borders, so few products serve all
 * pairs; else they come from the patches themselves.
 */
export const patchesOf = (x: tf.Tensor4D, size: number, stride: number): Patches =>
  stride === 1 && (size === 1 || size === 3)
    ? { moments: patchMoments(x, size), window: (window) => byDistance(window, size) }
    : { moments: fromPatches(x, size, stride), window: (window) => byPair(window, size) };

const byDistance = remembered((window, size): MomentWindow => {
  const [second, first] = [secondMomentAssembly(window, size as 1 | 3), meanAssembly(window, size as 1 | 3)];
  return { taps: tapsOf(window), second, first };
});

const byPair = remembered((window, size): MomentWindow => {
  const [second, first] = [pairSelection(window, size), tapSelection(window, size)];
  return { taps: tapsOf(window), second, first };
});

const tapsOf = ({ height, width, pooled }: Window): number => (pooled ? 1 : height * width);

/** The same object for the same window, so that kernels know windows that they have seen. */
function remembered(make: (window: Window, size: number) => MomentWindow) {
  const known = new Map<string, MomentWindow>();
  return (window: Window, size: number): MomentWindow => {
    const key = `${window.height}x${window.width} ${window.pooled} ${size}`;
    const found = known.get(key) ?? make(window, size);
    known.set(key, found);
    return found;
  };
}

function fromPatches(x: tf.Tensor4D, size: number, stride: number): tf.Tensor2D {
  const channels = x.shape[3];
  const count = size ** 2;
  const values = count * channels;
  const padding = size >> 1;
  // A convolution whose every output is one value of the patch.
  const pick = tf.reshape(tf.eye(values), [size, size, channels, values]) as tf.Tensor4D;
  const rows = tf.reshape(convolve(x, pick, { stride, padding: [padding, padding], groups: 1 }), [-1, values]);
  const square = tf.div(tf.matMul(rows, rows, true, false), rows.shape[0] as number);
  const pairs = tf.transpose(tf.reshape(square, [count, channels, count, channels]), [2, 0, 1, 3]);
  const products = tf.reshape(pairs, [count ** 2 * channels, channels]) as tf.Tensor2D;
  return tf.concat2d([products, tf.reshape(tf.mean(rows, 0), [count, channels]) as tf.Tensor2D], 0);
}
