import * as tf from '@tensorflow/tfjs-core';
import { KERNELS } from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { binary, channels, type Extent, imagesOf, map, row, SCALAR } from '../elementwise.js';
import { ALGORITHM } from '../ffi/constants.js';
import { allFinite, rectify } from '../finite.js';
import { sizeOf } from './geometry.js';
import { fallback, kernel, type OneDnnKernel } from './register.js';
import { expectShape } from './shapes.js';

/** From here on a call of the library beats a loop. */
const LARGE = 2048;

interface Operation {
  readonly name: string;
  readonly algorithm: number;
  readonly compute: (a: number, b: number) => number;
  /** True if the library loses a NaN of the first operand. */
  readonly losesNaN?: boolean;
}

const BINARY: readonly Operation[] = [
  { name: tf.Add, algorithm: ALGORITHM.add, compute: (a, b) => a + b },
  { name: tf.Sub, algorithm: ALGORITHM.subtract, compute: (a, b) => a - b },
  { name: tf.Multiply, algorithm: ALGORITHM.multiply, compute: (a, b) => a * b },
  { name: tf.RealDiv, algorithm: ALGORITHM.divide, compute: (a, b) => a / b },
  { name: tf.Maximum, algorithm: ALGORITHM.maximum, compute: Math.max, losesNaN: true },
  { name: tf.Minimum, algorithm: ALGORITHM.minimum, compute: Math.min, losesNaN: true },
];

/** How b meets a: value by value, one for all, or one for each channel; undefined where it is neither. */
function broadcast(a: readonly number[], b: readonly number[]): 'alike' | 'scalar' | 'channels' | undefined {
  const length = sizeOf(b);
  if (b.length <= a.length && tf.util.arraysEqual(a.slice(a.length - b.length), [...b]) && length === sizeOf(a))
    return 'alike';
  if (b.length > a.length) return undefined;
  if (length === 1) return 'scalar';
  return b.at(-1) === length && a.at(-1) === length ? 'channels' : undefined;
}

/** The library broadcasts its second operand only; what does not fit that, or is not float32, is left to TensorFlow.js. */
const binaryKernel = ({ name, algorithm, compute, losesNaN }: Operation): OneDnnKernel => {
  const loop = loopOf(compute);
  return kernel<{ a: tf.TensorInfo; b: tf.TensorInfo }>(name, (backend, inputs, attributes) => {
    const { a, b } = inputs;
    const how = broadcast(a.shape, b.shape);
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || !how)
      return fallback(name, backend, { ...inputs }, attributes);
    const [left, right] = [backend.floats(a, name, 'a'), backend.floats(b, name, 'b')];
    const y = backend.output(a.shape);
    if (left.length < LARGE || (losesNaN && !allFinite(backend, left))) loop(left, right, y.values);
    else {
      const [first, second] = extentsOf(left.length, right.length, how);
      binary(backend, algorithm, first, second).run(left, right, y.values);
    }
    return y.info;
  });
};

function extentsOf(size: number, count: number, how: 'alike' | 'scalar' | 'channels'): [Extent, Extent] {
  if (how === 'channels') return [imagesOf([size / count, 1, 1, count]), channels(count)];
  return [row(size), how === 'scalar' ? SCALAR : row(size)];
}

const loopOf =
  (compute: (a: number, b: number) => number) =>
  (a: Float32Array, b: Float32Array, y: Float32Array): void => {
    const count = b.length;
    for (let at = 0, other = 0; at < a.length; at++) {
      y[at] = compute(a[at] as number, b[other] as number);
      if (++other === count) other = 0;
    }
  };

interface Map {
  readonly name: string;
  readonly compute: (x: number) => number;
  /** Where the library has it. */
  readonly algorithm?: number;
  readonly alpha?: number;
  /** True if the library makes a number of NaN. */
  readonly losesNaN?: boolean;
}

const MAPS: readonly Map[] = [
  { name: tf.Neg, algorithm: ALGORITHM.linear, alpha: -1, compute: (x) => -x },
  { name: tf.Square, algorithm: ALGORITHM.square, compute: (x) => x * x },
  { name: tf.Sqrt, algorithm: ALGORITHM.sqrt, compute: Math.sqrt },
  { name: tf.Abs, algorithm: ALGORITHM.abs, compute: Math.abs },
  { name: tf.Exp, algorithm: ALGORITHM.exp, compute: Math.exp, losesNaN: true },
  // The library's takes denormal numbers for the smallest normal one.
  { name: tf.Log, compute: Math.log },
  { name: tf.Tanh, algorithm: ALGORITHM.tanh, compute: Math.tanh },
  { name: tf.Sigmoid, algorithm: ALGORITHM.logistic, compute: (x) => 1 / (1 + Math.exp(-x)) },
  { name: tf.Rsqrt, compute: (x) => 1 / Math.sqrt(x) },
  { name: tf.Reciprocal, compute: (x) => 1 / x },
];

const mapKernel = ({ name, compute, algorithm, alpha, losesNaN }: Map): OneDnnKernel =>
  kernel<{ x: tf.TensorInfo }>(name, (backend, inputs, attributes) => {
    const { x } = inputs;
    if (x.dtype !== 'float32') return fallback(name, backend, { ...inputs }, attributes);
    const values = backend.floats(x, name, 'x');
    const y = backend.output(x.shape);
    if (algorithm === undefined || values.length < LARGE || (losesNaN && !allFinite(backend, values)))
      for (let at = 0; at < values.length; at++) y.values[at] = compute(values[at] as number);
    else map(backend, algorithm, values.length, alpha).run(values, y.values);
    return y.info;
  });

const relu = kernel<{ x: tf.TensorInfo }>(tf.Relu, (backend, inputs, attributes) => {
  const { x } = inputs;
  if (x.dtype !== 'float32') return fallback(tf.Relu, backend, { ...inputs }, attributes);
  const y = backend.output(x.shape);
  rectify(backend, backend.floats(x, tf.Relu, 'x'), y.values);
  return y.info;
});

const zerosLike = kernel<{ x: tf.TensorInfo }>(tf.ZerosLike, (backend, inputs, attributes) => {
  if (inputs.x.dtype !== 'float32') return fallback(tf.ZerosLike, backend, { ...inputs }, attributes);
  const y = backend.output(inputs.x.shape);
  y.values.fill(0);
  return y.info;
});

const addN = kernel<readonly tf.TensorInfo[]>(tf.AddN, (backend, given, attributes) => {
  const tensors = Object.values(given);
  const [first, ...others] = tensors;
  const alike = tensors.every(
    ({ dtype, shape }) => dtype === 'float32' && tf.util.arraysEqual(shape, first?.shape ?? []),
  );
  if (!first || !alike || sizeOf(first.shape) === 0)
    return fallback(tf.AddN, backend, given as unknown as tf.NamedTensorInfoMap, attributes);
  const y = backend.output(first.shape);
  y.values.set(backend.floats(first, tf.AddN, 'the first tensor'));
  for (const tensor of others) add(backend, y.values, backend.floats(tensor, tf.AddN, 'a tensor'), y.values);
  return y.info;
});

/** Writes over a, unless other tensors share its data. */
const accumulated = kernel<{ a: tf.TensorInfo; b: tf.TensorInfo }>(KERNELS.accumulate, (backend, { a, b }) => {
  const name = KERNELS.accumulate;
  expectShape(name, 'b', b.shape, a.shape);
  const [left, right] = [backend.floats(a, name, 'a'), backend.floats(b, name, 'b')];
  const made = backend.shares(a) ? backend.output(a.shape) : undefined;
  add(backend, left, right, made?.values ?? backend.overwritten(a));
  return made ? [made.info] : [];
});

function add(backend: OneDnnBackend, a: Float32Array, b: Float32Array, y: Float32Array): void {
  if (y.length < LARGE) for (let at = 0; at < y.length; at++) y[at] = (a[at] as number) + (b[at] as number);
  else binary(backend, ALGORITHM.add, row(y.length), row(y.length)).run(a, b, y);
}

export const arithmetic = [...BINARY.map(binaryKernel), ...MAPS.map(mapKernel), relu, zerosLike, addN, accumulated];
