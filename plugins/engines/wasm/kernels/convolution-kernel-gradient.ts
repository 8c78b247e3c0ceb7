import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { type ConvolutionKernelGradientAttributes, KERNELS } from '../../../../core/engine/index.js';
import { ChannelLoops } from './channel-loops.js';
import { create, heapKernel } from './heap.js';

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/**
 * TensorFlow.js' backend has no kernel gradient, and multiplies transposed matrices at 0.5 GFLOP/s. Its convolution runs at
 * 15, and the gradient is one: images and channels change places, dy is the kernel, and stride and dilation change places too.
 */
export const convolutionKernelGradient = heapKernel<Inputs, ConvolutionKernelGradientAttributes>(
  KERNELS.convolutionKernelGradient,
  (backend, { x, dy }, attributes) => {
    const { groups, kernelShape } = attributes;
    const [height, width, inputs, outputs] = kernelShape;
    if (inputs === 1 && outputs === groups) return depthwise(backend, { x, dy }, attributes);
    return tf.tidy(() => {
      if (groups === 1) return ofGroup(x, dy, attributes);
      const [xs, dys] = [x, dy].map((images) => tf.split(images, groups, 3)) as [tf.Tensor4D[], tf.Tensor4D[]];
      const own = { ...attributes, kernelShape: [height, width, inputs, outputs / groups] as const };
      return tf.concat4d(
        xs.map((part, group) => ofGroup(part, dys[group] as tf.Tensor4D, own)),
        3,
      );
    });
  },
);

function ofGroup(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { stride, padding, kernelShape, dilation = [1, 1] }: Omit<ConvolutionKernelGradientAttributes, 'groups'>,
): tf.Tensor4D {
  const [height, width, inputs, outputs] = kernelShape;
  if (height * width * stride === 1 && padding[0] + padding[1] === 0) {
    const pixels = tf.transpose(tf.reshape(x, [-1, inputs])) as tf.Tensor2D;
    return tf.reshape(tf.matMul(pixels, tf.reshape(dy, [-1, outputs])), [1, 1, inputs, outputs]);
  }
  const rows = (dy.shape[1] - 1) * stride + (height - 1) * dilation[0] + 1;
  const columns = (dy.shape[2] - 1) * stride + (width - 1) * dilation[1] + 1;
  const padded = tf.pad4d(tf.transpose(x, [3, 1, 2, 0]), [
    [0, 0],
    [padding[0], Math.max(0, rows - padding[0] - x.shape[1])],
    [padding[1], Math.max(0, columns - padding[1] - x.shape[2])],
    [0, 0],
  ]);
  // Pixels that no window reached are left out.
  const seen = tf.slice4d(padded, [0, 0, 0, 0], [inputs, rows, columns, -1]);
  const window = tf.transpose(dy, [1, 2, 0, 3]);
  const gradient =
    stride === 1
      ? tf.conv2d(seen, window, [...dilation], 'valid')
      : everyTap(tf.conv2d(seen, window, 1, 'valid', 'NHWC', stride), dilation);
  return tf.transpose(gradient, [1, 2, 0, 3]);
}

/** TensorFlow.js convolves with a stride or a dilation, never both: what lies between the taps is computed and left out. */
const everyTap = (x: tf.Tensor4D, [rows, columns]: readonly [number, number]): tf.Tensor4D =>
  rows * columns === 1 ? x : (tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, rows, columns, 1]) as tf.Tensor4D);

/** One channel a group: for each position of the kernel, the sum over all pixels of what it saw times dy. */
function depthwise(
  backend: BackendWasm,
  { x, dy }: Inputs,
  { stride, padding, kernelShape, dilation = [1, 1] }: ConvolutionKernelGradientAttributes,
): tf.TensorInfo {
  const loops = ChannelLoops.of(backend);
  const [height, width] = kernelShape;
  const sums = Array.from({ length: height * width }, (_, tap) => {
    const row = Math.floor(tap / width) * dilation[0] - padding[0];
    const column = (tap % width) * dilation[1] - padding[1];
    return [...loops.windowProducts(x, dy, [row, column], stride)];
  });
  return create(backend, kernelShape, sums.flat());
}
