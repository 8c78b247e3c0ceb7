import * as tf from '@tensorflow/tfjs-core';
import { convolve } from './convolution.js';
import { KERNELS, type PatchMomentsAttributes } from '../kernels.js';
import { channelSum } from './moments.js';
import { composed, differentiable, runKernel } from '../registry.js';

/**
 * First and second moments of an image `[N,H,W,C]` at every offset within a KxK window, and of its borders: `[B·C + F, C]`, in
 * the order that stands with the kernel. Differentiable, for gradients such as those of a quadratic form.
 */
export const patchMoments = (x: tf.Tensor4D, size: PatchMomentsAttributes['size']): tf.Tensor2D =>
  runKernel<tf.Tensor2D>(KERNELS.patchMoments, { x }, { size } satisfies PatchMomentsAttributes);

type Axis = 'last row' | 'first row' | 'last column' | 'first column';
const EDGES: readonly Axis[] = ['last row', 'first row', 'last column', 'first column'];

/** Parts of an image, each with the offsets at which it is multiplied with itself: the whole, edges and corners. */
function parts({ shape }: tf.Tensor4D, size: number): { begin: number[]; size: number[]; reach: [number, number] }[] {
  const [images, height, width, channels] = shape;
  const whole = {
    begin: [0, 0, 0, 0],
    size: [images, height, width, channels],
    reach: [size - 1, size - 1] as [number, number],
  };
  if (size === 1) return [whole];
  const edges = EDGES.map((edge) => {
    const isRow = edge.endsWith('row');
    const from = (length: number) => (edge.startsWith('last') ? length - 1 : 0);
    return {
      begin: [0, isRow ? from(height) : 0, isRow ? 0 : from(width), 0],
      size: [images, isRow ? 1 : height, isRow ? width : 1, channels],
      reach: (isRow ? [0, size - 1] : [size - 1, 0]) as [number, number],
    };
  });
  const corners = [height - 1, 0].flatMap((row) =>
    [width - 1, 0].map((column) => ({
      begin: [0, row, column, 0],
      size: [images, 1, 1, channels],
      reach: [0, 0] as [number, number],
    })),
  );
  return [whole, ...edges, ...corners];
}

const part = (x: tf.Tensor4D, { begin, size }: { begin: number[]; size: number[] }): tf.Tensor4D =>
  size.every((length, axis) => length === x.shape[axis])
    ? x
    : tf.slice4d(x, begin as [number, number, number, number], size as [number, number, number, number]);

const offsets = ([height, width]: readonly [number, number]): [number, number] => [2 * height + 1, 2 * width + 1];

const forward = composed<{ x: tf.Tensor4D }, PatchMomentsAttributes>(KERNELS.patchMoments, ({ x }, { size }) => {
  const channels = x.shape[3];
  const pixels = x.size / channels;
  const seen = parts(x, size).map((where) => {
    const own = part(x, where);
    const window = offsets(where.reach);
    const attributes = { stride: 1, padding: where.reach, groups: 1, kernelShape: [...window, channels, channels] };
    const lags = runKernel<tf.Tensor>(KERNELS.convolutionKernelGradient, { x: own, dy: own }, attributes);
    return { lags: tf.reshape(lags, [-1, channels]), sum: tf.reshape(channelSum(own), [1, channels]) };
  });
  const rows = [...seen.map(({ lags }) => lags), ...seen.map(({ sum }) => sum)] as tf.Tensor2D[];
  return tf.div(tf.concat2d(rows, 0), pixels);
});

/** A quadratic form's dx is twice the convolution of x with the gradient of its offsets. */
const inputGradient = composed<{ x: tf.Tensor4D; dmoments: tf.Tensor2D }, PatchMomentsAttributes>(
  KERNELS.patchMomentsGradient,
  ({ x, dmoments }, { size }) => {
    const [, height, width, channels] = x.shape;
    const all = parts(x, size);
    const sums = dmoments.shape[0] - all.length;
    let row = 0;
    let dx: tf.Tensor4D | undefined;
    for (const [index, where] of all.entries()) {
      const window = offsets(where.reach);
      const rows = window[0] * window[1] * channels;
      const taps = tf.slice2d(dmoments, [row, 0], [rows, channels]);
      const kernel = tf.reshape(taps, [...window, channels, channels]) as tf.Tensor4D;
      row += rows;
      const pulled = convolve(part(x, where), kernel, { stride: 1, padding: where.reach, groups: 1 });
      const own: tf.Tensor4D = tf.add(tf.mul(pulled, 2), tf.slice2d(dmoments, [sums + index, 0], [1, channels]));
      const [, top = 0, left = 0] = where.begin;
      const [, ownHeight = 0, ownWidth = 0] = where.size;
      const placed = tf.pad4d(own, [
        [0, 0],
        [top, height - top - ownHeight],
        [left, width - left - ownWidth],
        [0, 0],
      ]);
      dx = dx ? tf.add(dx, placed) : placed;
    }
    return tf.div(dx as tf.Tensor4D, x.size / channels);
  },
);

const gradient = differentiable<PatchMomentsAttributes>({
  name: KERNELS.patchMoments,
  inputsToSave: ['x'],
  gradient: (dmoments, saved, attributes) => {
    const [x] = saved as [tf.Tensor4D];
    return { x: () => runKernel(KERNELS.patchMomentsGradient, { x, dmoments }, attributes) };
  },
});

export const patchMomentSums = { kernels: [forward, inputGradient], gradients: [gradient] };
