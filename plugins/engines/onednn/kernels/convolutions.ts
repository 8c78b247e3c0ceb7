import type * as tf from '@tensorflow/tfjs-core';
import {
  type ConvolutionAttributes,
  type ConvolutionInputGradientAttributes,
  type ConvolutionKernelGradientAttributes,
  KERNELS,
} from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { convolve, inputGradient, kernelGradient } from '../convolution.js';
import { type Convolution, checkConvolution, outputShape } from '../convolution-shape.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';

/** Forward on tensors, checked. */
export function runConvolution(
  backend: OneDnnBackend,
  name: string,
  convolution: Convolution,
  x: tf.TensorInfo,
  weights: tf.TensorInfo,
): tf.TensorInfo {
  checkConvolution(name, convolution);
  const [data, kernelData] = [backend.floats(x, name, 'x'), backend.floats(weights, name, 'kernel')];
  const y = backend.output(outputShape(convolution));
  convolve(backend, convolution, data, kernelData, y.values);
  return y.info;
}

export function runInputGradient(
  backend: OneDnnBackend,
  name: string,
  convolution: Convolution,
  dy: tf.TensorInfo,
  weights: tf.TensorInfo,
): tf.TensorInfo {
  checkConvolution(name, convolution);
  expectShape(name, 'dy', dy.shape, outputShape(convolution));
  const [data, kernelData] = [backend.floats(dy, name, 'dy'), backend.floats(weights, name, 'kernel')];
  const dx = backend.output(convolution.input);
  inputGradient(backend, convolution, data, kernelData, dx.values);
  return dx.info;
}

export function runKernelGradient(
  backend: OneDnnBackend,
  name: string,
  convolution: Convolution,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
): tf.TensorInfo {
  checkConvolution(name, convolution);
  expectShape(name, 'dy', dy.shape, outputShape(convolution));
  const [data, gradient] = [backend.floats(x, name, 'x'), backend.floats(dy, name, 'dy')];
  const dkernel = backend.output(convolution.kernel);
  kernelGradient(backend, convolution, data, gradient, dkernel.values);
  return dkernel.info;
}

/** The convolution that our own kernels' attributes tell. */
export const convolutionOf = (
  name: string,
  input: readonly number[],
  weights: readonly number[],
  { stride, padding, groups, dilation = [1, 1] }: ConvolutionAttributes,
): Convolution => {
  const [images, weight] = [shape4(name, 'x', input), shape4(name, 'kernel', weights)];
  return {
    input: images,
    kernel: weight,
    groups,
    window: {
      size: [weight[0], weight[1]],
      stride: [stride, stride],
      dilation,
      before: padding,
      after: padding,
    },
  };
};

export const convolutions = [
  kernel<{ x: tf.TensorInfo; kernel: tf.TensorInfo }, ConvolutionAttributes>(
    KERNELS.convolution,
    (backend, inputs, attributes) => {
      const convolution = convolutionOf(KERNELS.convolution, inputs.x.shape, inputs.kernel.shape, attributes);
      return runConvolution(backend, KERNELS.convolution, convolution, inputs.x, inputs.kernel);
    },
  ),
  kernel<{ dy: tf.TensorInfo; kernel: tf.TensorInfo }, ConvolutionInputGradientAttributes>(
    KERNELS.convolutionInputGradient,
    (backend, inputs, attributes) => {
      const name = KERNELS.convolutionInputGradient;
      const convolution = convolutionOf(name, attributes.inputShape, inputs.kernel.shape, attributes);
      return runInputGradient(backend, name, convolution, inputs.dy, inputs.kernel);
    },
  ),
  kernel<{ x: tf.TensorInfo; dy: tf.TensorInfo }, ConvolutionKernelGradientAttributes>(
    KERNELS.convolutionKernelGradient,
    (backend, inputs, attributes) => {
      const name = KERNELS.convolutionKernelGradient;
      const convolution = convolutionOf(name, inputs.x.shape, attributes.kernelShape, attributes);
      return runKernelGradient(backend, name, convolution, inputs.x, inputs.dy);
    },
  ),
];
