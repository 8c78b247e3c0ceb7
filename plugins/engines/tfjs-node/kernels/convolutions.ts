import * as tf from '@tensorflow/tfjs-core';
import {
  type ConvolutionAttributes,
  type ConvolutionInputGradientAttributes,
  type ConvolutionKernelGradientAttributes,
  KERNELS,
} from '../../../../core/engine/index.js';
import { borders, padded, type Shape, unpadded } from './borders.js';
import { kernel } from './register.js';

// Ordinary convolutions and their gradients by TensorFlow's own kernels, on images that are padded our way (the same on both sides):
// by TensorFlow itself where its rule comes to the same. Grouped and dilated ones are left to the composed forms.

const isOrdinary = ({ groups, dilation = [1, 1] }: ConvolutionAttributes): boolean =>
  groups === 1 && dilation[0] === 1 && dilation[1] === 1;

/** The name of TensorFlow's rule that pads as the attributes say; undefined where it has none. */
function ruleOf(
  [, ...lengths]: Shape,
  taps: Shape,
  { stride, padding }: ConvolutionAttributes,
): 'valid' | 'same' | undefined {
  if (padding[0] === 0 && padding[1] === 0) return 'valid';
  const isSame = padding.every((border, axis) => {
    const [length, size] = [lengths[axis] as number, taps[axis] as number];
    return Math.max(0, (Math.ceil(length / stride) - 1) * stride + size - length) === 2 * border;
  });
  return isSame ? 'same' : undefined;
}

const common = (stride: number) => ({
  strides: [stride, stride] as [number, number],
  dataFormat: 'NHWC' as const,
});

const forward = kernel<{ x: tf.Tensor4D; kernel: tf.Tensor4D }, ConvolutionAttributes>(
  KERNELS.convolution,
  ({ x, kernel: filter }, attributes) => {
    if (!isOrdinary(attributes)) return undefined;
    const pad = ruleOf(x.shape, filter.shape, attributes) ?? borders(attributes.padding);
    const named = { ...common(attributes.stride), pad, dilations: [1, 1] };
    return tf.engine().runKernel<tf.Tensor>(tf.Conv2D, { x, filter }, named);
  },
);

const kernelGradient = kernel<{ x: tf.Tensor4D; dy: tf.Tensor4D }, ConvolutionKernelGradientAttributes>(
  KERNELS.convolutionKernelGradient,
  ({ x, dy }, attributes) => {
    if (!isOrdinary(attributes)) return undefined;
    const { stride, padding, kernelShape } = attributes;
    const rule = ruleOf(x.shape, [...kernelShape], attributes);
    // TensorFlow takes an explicit border here too, and on the CPU five times as long.
    const inputs = { x: rule ? x : padded(x, borders(padding)), dy };
    const named = { ...common(stride), pad: rule ?? 'valid', filterShape: [...kernelShape] };
    return tf.engine().runKernel<tf.Tensor>(tf.Conv2DBackpropFilter, inputs, named);
  },
);

const inputGradient = kernel<{ dy: tf.Tensor4D; kernel: tf.Tensor4D }, ConvolutionInputGradientAttributes>(
  KERNELS.convolutionInputGradient,
  ({ dy, kernel: filter }, attributes) => {
    if (!isOrdinary(attributes)) return undefined;
    const { stride, padding, inputShape } = attributes;
    const shape: Shape = [...inputShape];
    const run = (pad: 'valid' | 'same', of: Shape): tf.Tensor4D =>
      tf.engine().runKernel(tf.Conv2DBackpropInput, { dy, filter }, { ...common(stride), pad, inputShape: of });
    const rule = ruleOf(shape, filter.shape, attributes);
    if (rule) return run(rule, shape);
    return unpadded(shape, borders(padding), (framed) => run('valid', framed));
  },
);

export const convolutions = [forward, kernelGradient, inputGradient];
