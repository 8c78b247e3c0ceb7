import * as tf from '@tensorflow/tfjs-core';
import { convolve, patchMoments } from '../../ops/index.js';
import { MOMENT_PARTS, meanAssembly, secondMomentAssembly, taps, type Window } from './windows.js';

/** Moments of the patches that a block's kernels see, zeros beyond the border, as means over all places; part of the gradient. */
export interface Patches {
  /** E[x_j(t')·x_i(t)] for taps t, t' of the window: `[n, n·C, C]` over t, (t', j), i. */
  second(window: Window): tf.Tensor3D;
  /** E[x_j(t')]: `[1, n·C]`. */
  mean(window: Window): tf.Tensor2D;
}

/**
 * Up to 3x3 at stride 1 the moments depend on the distance of two taps only, but for the borders, so few products serve all
 * pairs; else they come from the patches themselves.
 */
export const patchesOf = (x: tf.Tensor4D, size: number, stride: number): Patches =>
  remembered(stride === 1 && (size === 1 || size === 3) ? fromDistances(x, size) : fromPatches(x, size, stride));

/** Branches of one window share its moments. */
function remembered({ second, mean }: Patches): Patches {
  const keyOf = ({ height, width, pooled }: Window): string => `${height} ${width} ${pooled}`;
  const once = <Result>(compute: (window: Window) => Result): ((window: Window) => Result) => {
    const known = new Map<string, Result>();
    return (window) => {
      const found = known.get(keyOf(window)) ?? compute(window);
      known.set(keyOf(window), found);
      return found;
    };
  };
  return { second: once(second), mean: once(mean) };
}

function fromDistances(x: tf.Tensor4D, size: 1 | 3): Patches {
  const channels = x.shape[3];
  const { matrices, sums } = MOMENT_PARTS[size];
  const moments = patchMoments(x, size);
  const products = tf.reshape(tf.slice2d(moments, [0, 0], [matrices * channels, channels]), [matrices, channels ** 2]);
  const means = tf.slice2d(moments, [matrices * channels, 0], [sums, channels]);
  const assembled = (matrix: Float32Array, parts: tf.Tensor): tf.Tensor2D =>
    tf.matMul(tf.tensor2d(matrix, [matrix.length / (parts.shape[0] as number), parts.shape[0] as number]), parts);
  return {
    second: (window) => {
      const pairs = assembled(secondMomentAssembly(window, size), products);
      const count = Math.sqrt(pairs.shape[0]);
      return tf.reshape(pairs, [count, count * channels, channels]) as tf.Tensor3D;
    },
    mean: (window) => tf.reshape(assembled(meanAssembly(window, size), means), [1, -1]) as tf.Tensor2D,
  };
}

function fromPatches(x: tf.Tensor4D, size: number, stride: number): Patches {
  const channels = x.shape[3];
  const values = size ** 2 * channels;
  const padding = size >> 1;
  // A convolution whose every output is one value of the patch.
  const pick = tf.reshape(tf.eye(values), [size, size, channels, values]) as tf.Tensor4D;
  const rows = tf.reshape(convolve(x, pick, { stride, padding: [padding, padding], groups: 1 }), [-1, values]);
  const products: tf.Tensor = tf.div(tf.matMul(rows, rows, true, false), rows.shape[0] as number);
  const mean = tf.mean(rows, 0);
  return {
    second: (window) => {
      const all = tf.reshape(products, [size, size, channels, size, size, channels]);
      if (window.pooled) return tf.reshape(tf.mean(all, [0, 1, 3, 4]), [1, channels, channels]) as tf.Tensor3D;
      const { height, width } = window;
      const count = height * width;
      const [top, left] = corner(window, size);
      const own = tf.slice(all, [top, left, 0, top, left, 0], [height, width, channels, height, width, channels]);
      const pairs = tf.reshape(own, [count * channels, count, channels]);
      return tf.transpose(pairs, [1, 0, 2]) as tf.Tensor3D;
    },
    mean: (window) => {
      const all = tf.reshape(mean, [size, size, channels]) as tf.Tensor3D;
      if (window.pooled) return tf.reshape(tf.mean(all, [0, 1]), [1, channels]) as tf.Tensor2D;
      const [top, left] = corner(window, size);
      const own = tf.slice3d(all, [top, left, 0], [window.height, window.width, channels]);
      return tf.reshape(own, [1, -1]) as tf.Tensor2D;
    },
  };
}

const corner = (window: Window, size: number): readonly [number, number] => taps(window, size)[0] ?? [0, 0];
