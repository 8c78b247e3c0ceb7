import * as tf from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { convolveBiased } from '../convolution.js';
import { checkConvolution, outputShape } from '../convolution-shape.js';
import { runConvolution } from './convolutions.js';
import { fallback, kernel, type OneDnnKernel, runKernel } from './register.js';
import { convolutionOf, isFloat, type WindowAttributes } from './tensorflow-geometry.js';

interface Ending {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
}

interface EndingInputs {
  readonly bias?: tf.TensorInfo | null;
  readonly preluActivationWeights?: tf.TensorInfo | null;
}

const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: tf.Relu,
  relu6: tf.Relu6,
  elu: tf.Elu,
  sigmoid: tf.Sigmoid,
  leakyrelu: tf.LeakyRelu,
  prelu: tf.Prelu,
};

/** act(y + bias), which takes y's place. */
function end(
  backend: OneDnnBackend,
  name: string,
  y: tf.TensorInfo,
  { bias, preluActivationWeights: alpha }: EndingInputs,
  { activation, leakyreluAlpha }: Ending,
): tf.TensorInfo {
  const then = (before: tf.TensorInfo, kernelName: string, inputs: Record<string, tf.TensorInfo>, attributes = {}) => {
    const after = runKernel(kernelName, backend, inputs, attributes);
    backend.disposeIntermediateTensorInfo(before);
    return after;
  };
  const shifted = bias ? then(y, tf.Add, { a: y, b: bias }) : y;
  if (!activation || activation === 'linear') return shifted;
  const kernelName = ACTIVATIONS[activation];
  if (!kernelName) throw new Error(`${name}: there is no activation '${activation}'`);
  return then(shifted, kernelName, { x: shifted, ...(alpha && { alpha }) }, { alpha: leakyreluAlpha });
}

const isLinearOrRelu = (activation: Ending['activation']): boolean =>
  !activation || activation === 'linear' || activation === 'relu';

const convolution = (name: string, depthwise: boolean): OneDnnKernel =>
  kernel<{ x: tf.TensorInfo; filter: tf.TensorInfo } & EndingInputs, WindowAttributes & Ending>(
    name,
    (backend, inputs, attributes) => {
      const { x, filter, bias } = inputs;
      const { activation } = attributes;
      const given = convolutionOf(name, x.shape, filter.shape, attributes, depthwise);
      if (!given) return fallback(name, backend, inputs as unknown as tf.NamedTensorInfoMap, attributes);
      const channels = given.kernel[3];
      if (bias && isFloat(bias) && tf.util.arraysEqual(bias.shape, [channels]) && isLinearOrRelu(activation)) {
        checkConvolution(name, given);
        const data = [backend.floats(x, name, 'x'), backend.floats(filter, name, 'filter')] as const;
        const y = backend.output(outputShape(given));
        const shift = backend.floats(bias, name, 'bias');
        convolveBiased(backend, given, activation === 'relu', [...data, shift], filter, y.values);
        return y.info;
      }
      return end(backend, name, runConvolution(backend, name, given, x, filter), inputs, attributes);
    },
  );

const product = kernel<
  { a: tf.TensorInfo; b: tf.TensorInfo } & EndingInputs,
  { readonly transposeA: boolean; readonly transposeB: boolean } & Ending
>(tf._FusedMatMul, (backend, inputs, attributes) => {
  const { a, b } = inputs;
  const { transposeA, transposeB } = attributes;
  const y = runKernel(tf.BatchMatMul, backend, { a, b }, { transposeA, transposeB });
  return end(backend, tf._FusedMatMul, y, inputs, attributes);
});

/** TensorFlow.js' operations with a bias and an activation: its cpu kernels call each other past the registry. */
export const fused = [convolution(tf.FusedConv2D, false), convolution(tf.FusedDepthwiseConv2D, true), product];
