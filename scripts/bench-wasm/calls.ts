import * as tf from '@tensorflow/tfjs-core';
import { values } from '../../core/engine/conformance/values.js';
import { KERNELS } from '../../core/engine/index.js';

/** One call of a kernel at the size of a training step: VGG-16 at half width, a batch of 32, its second layer unless said. */
export interface Call {
  readonly kernel: string;
  readonly shapes: string;
  readonly inputs: Readonly<Record<string, tf.Tensor>> | readonly tf.Tensor[];
  readonly attributes: object;
  /** Multiply-adds, where that says something. */
  readonly macs?: number;
}

const [BATCH, SIDE, CHANNELS, BRANCHES] = [32, 32, 32, 4];
const IMAGES = [BATCH, SIDE, SIDE, CHANNELS];
const FILTER = [3, 3, CHANNELS, CHANNELS];
const DEPTHWISE = [3, 3, CHANNELS, 1];

let seed = 0;
const tensor = (shape: readonly number[], low = -1): tf.Tensor =>
  tf.tensor(values(seed++, shape, { low }).data, [...shape]);
const spelled = (...shapes: readonly (readonly number[])[]): string =>
  shapes.map((shape) => shape.join('x')).join(', ');

/** Every kernel that the engine computes in another way than TensorFlow.js, once. */
export function calls(): Call[] {
  const [x, y, dy] = [tensor(IMAGES), tensor(IMAGES), tensor(IMAGES)];
  return [...convolutions(x, dy), ...products(), ...pools(x), ...norms(y, dy), ...steps(x)];
}

function convolutions(x: tf.Tensor, dy: tf.Tensor): Call[] {
  const [filter, each] = [tensor(FILTER), tensor(DEPTHWISE)];
  const window = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
  const own = { stride: 1, padding: [1, 1], groups: 1 };
  const macs = BATCH * SIDE * SIDE * 9 * CHANNELS;
  const dense = { shapes: spelled(IMAGES, FILTER), macs: macs * CHANNELS };
  const depthwise = { shapes: spelled(IMAGES, DEPTHWISE), macs };
  return [
    {
      kernel: tf.Conv2DBackpropFilter,
      ...dense,
      inputs: { x, dy },
      attributes: { ...window, filterShape: FILTER },
    },
    {
      kernel: tf.Conv2DBackpropInput,
      ...dense,
      inputs: { dy, filter },
      attributes: { ...window, inputShape: IMAGES },
    },
    {
      kernel: tf.DepthwiseConv2dNativeBackpropFilter,
      ...depthwise,
      inputs: { x, dy },
      attributes: { ...window, filterShape: DEPTHWISE },
    },
    {
      kernel: tf.DepthwiseConv2dNativeBackpropInput,
      ...depthwise,
      inputs: { dy, filter: each },
      attributes: { ...window, inputShape: IMAGES },
    },
    {
      kernel: KERNELS.convolutionKernelGradient,
      ...dense,
      inputs: { x, dy },
      attributes: { ...own, kernelShape: FILTER },
    },
  ];
}

/** The gradient of a dense layer's weights. */
function products(): Call[] {
  const [rows, inner, columns] = [512, 256, 128];
  return [
    {
      kernel: tf.BatchMatMul,
      shapes: `${spelled([1, inner, rows], [1, inner, columns])}, first turned`,
      inputs: { a: tensor([1, inner, rows]), b: tensor([1, inner, columns]) },
      attributes: { transposeA: true, transposeB: false },
      macs: rows * inner * columns,
    },
  ];
}

function pools(x: tf.Tensor): Call[] {
  const half = [BATCH, SIDE / 2, SIDE / 2, CHANNELS];
  const window = { filterSize: 2, strides: 2, pad: 'valid' };
  const y = tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
  const dy = tensor(half);
  const shapes = `${spelled(IMAGES)}, 2x2`;
  return [
    { kernel: tf.MaxPoolGrad, shapes, inputs: { dy, input: x, output: y }, attributes: window },
    {
      kernel: KERNELS.maxPoolGradient,
      shapes,
      inputs: { x, y, dy },
      attributes: { size: 2, stride: 2, padding: 0 },
    },
  ];
}

function norms(y: tf.Tensor, dy: tf.Tensor): Call[] {
  const each = (low = -1): tf.Tensor[] => Array.from({ length: BRANCHES }, () => tensor([CHANNELS], low));
  const us = Array.from({ length: BRANCHES }, () => tensor(IMAGES));
  const inputs = [...us, ...each(0.5), ...each(), tf.ones([BRANCHES])];
  const moments = Array.from({ length: BRANCHES }, () => tensor([2, CHANNELS], 0.5));
  const attributes = { branches: BRANCHES, epsilon: 1e-5, relu: true };
  const branches = `${BRANCHES} of ${spelled(IMAGES)}`;
  const [u, gamma] = [us[0] as tf.Tensor, inputs[BRANCHES] as tf.Tensor];
  const scale = { shapes: spelled(IMAGES), attributes: { epsilon: 1e-5 } };
  return [
    { kernel: KERNELS.branchNorm, shapes: branches, inputs, attributes },
    { kernel: KERNELS.branchNormGradient, shapes: branches, inputs: [dy, y, ...inputs, ...moments], attributes },
    { kernel: KERNELS.scaleNorm, ...scale, inputs: { u, gamma } },
    { kernel: KERNELS.scaleNormGradient, ...scale, inputs: { dy, u, gamma, moments: moments[0] as tf.Tensor } },
    {
      kernel: KERNELS.affineSum,
      shapes: branches,
      inputs: [...us, ...each(), tensor([CHANNELS])],
      attributes: { branches: BRANCHES, relu: true },
    },
  ];
}

function steps(x: tf.Tensor): Call[] {
  const parameter = [3, 3, 256, 256];
  const [given, gradient, velocity] = [tensor(parameter), tensor(parameter), tensor(parameter)];
  const attributes = { learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4, nesterov: false };
  return [
    {
      kernel: tf.Reverse,
      shapes: `${spelled(FILTER)}, rotated`,
      inputs: { x: tensor(FILTER) },
      attributes: { dims: [0, 1] },
    },
    { kernel: tf.Identity, shapes: spelled(IMAGES), inputs: { x }, attributes: {} },
    {
      kernel: KERNELS.momentumStep,
      shapes: spelled(parameter),
      inputs: { parameter: given, gradient, velocity, scale: tf.scalar(1) },
      attributes,
    },
    {
      kernel: KERNELS.squaredNorm,
      shapes: `13 of ${spelled(parameter)}`,
      inputs: new Array(13).fill(gradient),
      attributes: {},
    },
  ];
}
