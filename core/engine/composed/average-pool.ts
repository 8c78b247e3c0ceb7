import * as tf from '@tensorflow/tfjs-core';
import { type AveragePoolGradientAttributes, KERNELS, type PoolAttributes } from '../kernels.js';
import { composed, differentiable, runKernel } from '../registry.js';
import { dilate, frame, padImages, places } from './windows.js';

/**
 * Mean over size x size windows of images `[N,H,W,C]`, the zero border counted in the divisor: `[N,H',W',C]`,
 * H' = ⌊(H + 2·padding − size) / stride⌋ + 1. Differentiable.
 * @throws Error if the window is larger than the padded images.
 */
export function averagePool(x: tf.Tensor4D, attributes: PoolAttributes): tf.Tensor4D {
  checkPool('averagePool', x, attributes);
  // The gradient needs only the shape, so x itself is not kept.
  const shaped = { ...attributes, inputShape: x.shape };
  return runKernel<tf.Tensor4D>(KERNELS.averagePool, { x }, shaped);
}

export function checkPool(name: string, x: tf.Tensor4D, { size, stride, padding }: PoolAttributes): void {
  const found = `images [${x.shape}], size ${size}, stride ${stride}, padding ${padding}`;
  if (padding >= size) throw new Error(`${name}: the padding must be smaller than the window (${found})`);
  if (Math.min(places(x.shape[1], size, stride, padding), places(x.shape[2], size, stride, padding)) < 1)
    throw new Error(`${name}: the window is larger than the padded images (${found})`);
}

const forward = composed<{ x: tf.Tensor4D }, PoolAttributes>(KERNELS.averagePool, ({ x }, { size, stride, padding }) =>
  tf.avgPool(padImages(x, [padding, padding]), size, stride, 'valid'),
);

/** Pooling is symmetric: dx is the mean, at stride 1, of dy with its pixels `stride` apart. */
const inputGradient = composed<{ dy: tf.Tensor4D }, AveragePoolGradientAttributes>(
  KERNELS.averagePoolGradient,
  ({ dy }, { size, stride, padding, inputShape }) => {
    const before = size - 1 - padding;
    const length = [inputShape[1] + size - 1, inputShape[2] + size - 1] as const;
    return tf.avgPool(frame(dilate(dy, [stride, stride]), [before, before], length), size, 1, 'valid');
  },
);

const gradient = differentiable<AveragePoolGradientAttributes>({
  name: KERNELS.averagePool,
  gradient: (dy, _saved, attributes) => ({ x: () => runKernel(KERNELS.averagePoolGradient, { dy }, attributes) }),
});

export const averagePooling = { kernels: [forward, inputGradient], gradients: [gradient] };
