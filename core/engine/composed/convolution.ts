import * as tf from '@tensorflow/tfjs-core';
import {
  type ConvolutionAttributes,
  type ConvolutionInputGradientAttributes,
  type ConvolutionKernelGradientAttributes,
  KERNELS,
} from '../kernels.js';
import { composed, differentiable, runKernel } from '../registry.js';
import { dilate, frame, padImages, places, tap } from './windows.js';

/**
 * Grouped convolution (cross-correlation) of images `[N,H,W,C]` with a kernel `[KH,KW,C/groups,O]`: `[N,H',W',O]`,
 * H' = ⌊(H + 2·padding − (KH − 1)·dilation − 1) / stride⌋ + 1. Differentiable in both.
 * @throws Error if channels, groups and kernel do not fit together.
 */
export function convolve(x: tf.Tensor4D, kernel: tf.Tensor4D, attributes: ConvolutionAttributes): tf.Tensor4D {
  checkConvolution(x.shape, kernel.shape, attributes);
  return runKernel<tf.Tensor4D>(KERNELS.convolution, { x, kernel }, attributes);
}

type Shape = readonly [number, number, number, number];

/** Pixels from one tap to the next. */
type Dilation = readonly [height: number, width: number];
const CLOSE: Dilation = [1, 1];

/** Pixels that the taps span. */
const reach = (taps: number, dilation: number): number => (taps - 1) * dilation + 1;

/** @throws Error if channels, groups and kernel do not fit together. */
export function checkConvolution(
  x: Shape,
  kernel: Shape,
  { stride, padding, groups, dilation = CLOSE }: ConvolutionAttributes,
): void {
  const [, , inputs, outputs] = kernel;
  const found = () =>
    `images [${x}], kernel [${kernel}], stride ${stride}, padding [${padding}], groups ${groups}, dilation [${dilation}]`;
  if (x[3] !== inputs * groups)
    throw new Error(
      `convolve: the kernel reads ${inputs} channels in each of ${groups} groups, the images have ${x[3]} (${found()})`,
    );
  if (outputs % groups !== 0) throw new Error(`convolve: groups must divide the output channels (${found()})`);
  const [height, width] = [reach(kernel[0], dilation[0]), reach(kernel[1], dilation[1])];
  if (places(x[1], height, stride, padding[0]) < 1 || places(x[2], width, stride, padding[1]) < 1)
    throw new Error(`convolve: the kernel is larger than the padded images (${found()})`);
}

const forward = composed<{ x: tf.Tensor4D; kernel: tf.Tensor4D }, ConvolutionAttributes>(
  KERNELS.convolution,
  ({ x, kernel }, { stride, padding, groups, dilation = CLOSE }) =>
    convolveValid(padImages(x, padding), kernel, stride, groups, dilation),
);

/**
 * Convolves without padding. Backends call one input channel per group depthwise; other groups are convolved one by
 * one.
 */
function convolveValid(
  x: tf.Tensor4D,
  given: tf.Tensor4D,
  stride: number,
  groups: number,
  dilation: Dilation,
): tf.Tensor4D {
  const dilated = dilation[0] * dilation[1] > 1;
  if (groups === 1 && stride === 1 && dilated)
    return tf.conv2d(x, given, 1, 'valid', 'NHWC', [dilation[0], dilation[1]]);
  const kernel = dilated ? dilateKernel(given, dilation) : given;
  if (groups === 1) return tf.conv2d(x, kernel, stride, 'valid');
  const [height, width, inputs, outputs] = kernel.shape;
  if (inputs === 1) {
    return tf.depthwiseConv2d(x, tf.reshape(kernel, [height, width, groups, outputs / groups]), stride, 'valid');
  }
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
  const parts = tf.split<tf.Tensor4D>(x, groups, 3);
  const convolved = parts.map((part, group) => tf.conv2d(part, kernels[group] as tf.Tensor4D, stride, 'valid'));
  return tf.concat4d(convolved, 3);
}

/** Puts zeros between the taps of a kernel. */
export function dilateKernel(kernel: tf.Tensor4D, dilation: Dilation): tf.Tensor4D {
  if (dilation[0] === 1 && dilation[1] === 1) return kernel;
  const [height, width, inputs, outputs] = kernel.shape;
  const rows = tf.reshape(kernel, [1, height, width, inputs * outputs]) as tf.Tensor4D;
  const apart = dilate(rows, dilation);
  const length = [reach(height, dilation[0]), reach(width, dilation[1])] as const;
  return tf.reshape(frame(apart, [0, 0], length), [...length, inputs, outputs]) as tf.Tensor4D;
}

/**
 * dx is the convolution of dy, its pixels `stride` apart, with the rotated kernel whose inputs and outputs change places;
 * the frame is what makes rows and columns come out as many as x has, also those no window reached.
 */
const inputGradient = composed<{ dy: tf.Tensor4D; kernel: tf.Tensor4D }, ConvolutionInputGradientAttributes>(
  KERNELS.convolutionInputGradient,
  ({ dy, kernel }, { stride, padding, groups, inputShape, dilation = CLOSE }) => {
    const [height, width] = [reach(kernel.shape[0], dilation[0]), reach(kernel.shape[1], dilation[1])];
    const framed = frame(
      dilate(dy, [stride, stride]),
      [height - 1 - padding[0], width - 1 - padding[1]],
      [inputShape[1] + height - 1, inputShape[2] + width - 1],
    );
    return convolveValid(framed, turned(kernel, groups), 1, groups, dilation);
  },
);

/** `[KH,KW,C/groups,O]` to the rotated `[KH,KW,O/groups,C]`. */
function turned(kernel: tf.Tensor4D, groups: number): tf.Tensor4D {
  const [height, width, inputs, outputs] = kernel.shape;
  const rotated = height * width === 1 ? kernel : tf.reverse4d(kernel, [0, 1]);
  const perGroup = tf.reshape(rotated, [height * width, inputs, groups, outputs / groups]);
  const swapped = tf.transpose(perGroup, [0, 3, 2, 1]);
  return tf.reshape(swapped, [height, width, outputs / groups, groups * inputs]);
}

/** For each position of the kernel: the product of the pixels under it with dy, over all pixels. */
const kernelGradient = composed<{ x: tf.Tensor4D; dy: tf.Tensor4D }, ConvolutionKernelGradientAttributes>(
  KERNELS.convolutionKernelGradient,
  ({ x, dy }, { stride, padding, groups, kernelShape, dilation = CLOSE }) => {
    const [height, width, inputs, outputs] = kernelShape;
    const [images, dyHeight, dyWidth] = dy.shape;
    const pixels = images * dyHeight * dyWidth;
    const padded = padImages(x, padding);
    const perGroup = split(tf.reshape(dy, [pixels, outputs]), groups);
    const taps: tf.Tensor[] = [];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const seen = tf.tidy(() =>
          products(
            tf.reshape(tap(padded, [row * dilation[0], column * dilation[1]], [dyHeight, dyWidth], stride), [
              pixels,
              groups * inputs,
            ]),
            perGroup,
          ),
        );
        taps.push(seen);
      }
    }
    return tf.reshape(tf.stack(taps), [...kernelShape]);
  },
);

const split = (x: tf.Tensor2D, groups: number): tf.Tensor2D[] => (groups === 1 ? [x] : tf.split(x, groups, 1));

/** Per group `[pixels, inputs]`ᵀ · `[pixels, outputs]`, side by side: `[inputs, groups·outputs]`. */
function products(x: tf.Tensor2D, dys: tf.Tensor2D[]): tf.Tensor2D {
  const parts = split(x, dys.length);
  return tf.concat(
    dys.map((dy, group) => tf.matMul(parts[group] as tf.Tensor2D, dy, true, false)),
    1,
  );
}

const gradient = differentiable<ConvolutionAttributes>({
  name: KERNELS.convolution,
  inputsToSave: ['x', 'kernel'],
  gradient: (dy, saved, attributes) => {
    const [x, kernel] = saved as [tf.Tensor4D, tf.Tensor4D];
    return {
      x: () => runKernel(KERNELS.convolutionInputGradient, { dy, kernel }, { ...attributes, inputShape: x.shape }),
      kernel: () =>
        runKernel(KERNELS.convolutionKernelGradient, { x, dy }, { ...attributes, kernelShape: kernel.shape }),
    };
  },
});

export const convolution = {
  kernels: [forward, inputGradient, kernelGradient],
  gradients: [gradient],
};
