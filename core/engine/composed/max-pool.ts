import * as tf from '@tensorflow/tfjs-core';
import { checkPool } from './average-pool.js';
import { KERNELS, type PoolAttributes } from '../kernels.js';
import { composed, differentiable, runKernel } from '../registry.js';
import { dilate, frame, padImages, tap } from './windows.js';

/**
 * Maximum over size x size windows of images `[N,H,W,C]`; the border never wins: `[N,H',W',C]`,
 * H' = ⌊(H + 2·padding − size) / stride⌋ + 1. Differentiable: of equal values the first in row order gets the gradient.
 * @throws Error if the window is larger than the padded images.
 */
export function maxPool(x: tf.Tensor4D, attributes: PoolAttributes): tf.Tensor4D {
  checkPool('maxPool', x, attributes);
  return runKernel<tf.Tensor4D>(KERNELS.maxPool, { x }, attributes);
}

/** Less than every finite value. An infinite border would give NaN where it is multiplied by zero. */
const LOWEST = -3.4028234663852886e38;

const forward = composed<{ x: tf.Tensor4D }, PoolAttributes>(KERNELS.maxPool, ({ x }, { size, stride, padding }) =>
  tf.maxPool(padImages(x, [padding, padding], LOWEST), size, stride, 'valid'),
);

/**
 * Visits the window's positions in row order; each takes the dy of the outputs that it won and no earlier position did.
 */
const inputGradient = composed<{ x: tf.Tensor4D; y: tf.Tensor4D; dy: tf.Tensor4D }, PoolAttributes>(
  KERNELS.maxPoolGradient,
  ({ x, y, dy }, { size, stride, padding }) => {
    const padded = padImages(x, [padding, padding], LOWEST);
    const [, height, width] = x.shape;
    const [, outHeight, outWidth] = y.shape;
    let left: tf.Tensor4D = dy;
    let dx: tf.Tensor4D = tf.zerosLike(x);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const won = tf.cast(tf.equal(tap(padded, [row, column], [outHeight, outWidth], stride), y), 'float32');
        const taken: tf.Tensor4D = tf.mul(left, won);
        left = tf.sub(left, taken);
        dx = tf.add(dx, frame(dilate(taken, [stride, stride]), [row - padding, column - padding], [height, width]));
      }
    }
    return dx;
  },
);

const gradient = differentiable<PoolAttributes>({
  name: KERNELS.maxPool,
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradient: (dy, saved, attributes) => {
    const [x, y] = saved as [tf.Tensor4D, tf.Tensor4D];
    return { x: () => runKernel(KERNELS.maxPoolGradient, { x, y, dy }, attributes) };
  },
});

export const maxPooling = { kernels: [forward, inputGradient], gradients: [gradient] };
