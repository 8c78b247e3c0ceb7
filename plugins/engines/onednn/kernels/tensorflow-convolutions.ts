import * as tf from '@tensorflow/tfjs-core';
import { runConvolution, runInputGradient, runKernelGradient } from './convolutions.js';
import { fallback, kernel, type OneDnnKernel } from './register.js';
import { convolutionOf, type WindowAttributes } from './tensorflow-geometry.js';

/** A tensor's data under another shape of the same size. */
const shaped = (tensor: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo => ({ ...tensor, shape: [...shape] });

const forward = (name: string, depthwise: boolean): OneDnnKernel =>
  kernel<{ x: tf.TensorInfo; filter: tf.TensorInfo }, WindowAttributes>(name, (backend, inputs, attributes) => {
    const { x, filter } = inputs;
    const convolution = convolutionOf(name, x.shape, filter.shape, attributes, depthwise);
    if (!convolution) return fallback(name, backend, inputs, attributes);
    return runConvolution(backend, name, convolution, x, filter);
  });

const inputGradient = (name: string, depthwise: boolean): OneDnnKernel =>
  kernel<{ dy: tf.TensorInfo; filter: tf.TensorInfo }, WindowAttributes & { readonly inputShape: readonly number[] }>(
    name,
    (backend, inputs, attributes) => {
      const { dy, filter } = inputs;
      const convolution = convolutionOf(name, attributes.inputShape, filter.shape, attributes, depthwise);
      if (!convolution) return fallback(name, backend, inputs, attributes);
      return runInputGradient(backend, name, convolution, dy, filter);
    },
  );

const kernelGradient = (name: string, depthwise: boolean): OneDnnKernel =>
  kernel<{ x: tf.TensorInfo; dy: tf.TensorInfo }, WindowAttributes & { readonly filterShape: readonly number[] }>(
    name,
    (backend, inputs, attributes) => {
      const { x, dy } = inputs;
      const convolution = convolutionOf(name, x.shape, attributes.filterShape, attributes, depthwise);
      if (!convolution) return fallback(name, backend, inputs, attributes);
      return shaped(runKernelGradient(backend, name, convolution, x, dy), attributes.filterShape);
    },
  );

/** TensorFlow.js' own convolutions, as a model that is none of ours calls them. */
export const tensorflowConvolutions = [
  forward(tf.Conv2D, false),
  inputGradient(tf.Conv2DBackpropInput, false),
  kernelGradient(tf.Conv2DBackpropFilter, false),
  forward(tf.DepthwiseConv2dNative, true),
  inputGradient(tf.DepthwiseConv2dNativeBackpropInput, true),
  kernelGradient(tf.DepthwiseConv2dNativeBackpropFilter, true),
];
