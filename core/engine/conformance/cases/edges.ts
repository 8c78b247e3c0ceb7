import * as tf from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../case.js';
import { type Values, values } from '../values.js';

// Windows that native kernels get wrong, and tensors without values.

interface Window {
  readonly x: readonly [number, number, number, number];
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dilations?: readonly [number, number];
}

const WINDOWS: readonly Window[] = [
  { x: [2, 8, 8, 4], size: [1, 3], strides: [2, 2], pad: 'same' },
  { x: [2, 8, 7, 4], size: [3, 1], strides: [2, 2], pad: 'same' },
  { x: [1, 7, 9, 3], size: [1, 1], strides: [3, 3], pad: 'same' },
  { x: [1, 9, 9, 5], size: [2, 2], strides: [4, 4], pad: 'same' },
  { x: [1, 9, 9, 8], size: [1, 5], strides: [3, 3], pad: 'valid' },
  { x: [1, 6, 6, 4], size: [1, 3], strides: [1, 1], pad: 1 },
  { x: [2, 6, 5, 4], size: [3, 1], strides: [1, 1], pad: 1 },
  { x: [1, 7, 7, 3], size: [2, 4], strides: [2, 2], pad: 1 },
  { x: [1, 8, 8, 3], size: [3, 3], strides: [1, 1], pad: 2, dilations: [1, 2] },
  { x: [2, 1, 1, 6], size: [3, 3], strides: [2, 2], pad: 'same' },
];

const named = ({ x, size, strides, pad }: Window): string =>
  `images ${x.join('x')}, window ${size.join('x')}, strides ${strides.join('x')}, pad ${pad}`;

const convolutions = (): ConformanceCase[] =>
  WINDOWS.flatMap((window, index) => {
    const { x: inputShape, size, strides, pad, dilations = [1, 1] } = window;
    const seed = 40_000 + 20 * index;
    const x = values(seed, inputShape);
    const attributes = { strides, pad, dilations, dataFormat: 'NHWC' };
    const of = (
      [kernel, fused, input, filters]: readonly [string, string, string, string],
      filterShape: readonly number[],
    ): ConformanceCase[] => {
      const filter = values(seed + 1, filterShape);
      const outputs = kernel === tf.Conv2D ? (filterShape[3] as number) : inputShape[3] * (filterShape[3] as number);
      return [
        {
          title: named(window),
          call: { kernel, inputs: { x, filter }, attributes },
          gradients: ([y]) => {
            if (dilations.some((step) => step > 1)) return [];
            const dy = values(seed + 2, (y as Values).shape);
            return [
              { kernel: input, inputs: { dy, filter }, attributes: { ...attributes, inputShape } },
              { kernel: filters, inputs: { x, dy }, attributes: { ...attributes, filterShape } },
            ];
          },
        },
        {
          title: named(window),
          call: {
            kernel: fused,
            inputs: { x, filter, bias: values(seed + 3, [outputs]) },
            attributes: { ...attributes, activation: 'relu' },
          },
        },
      ];
    };
    return [
      ...of([tf.Conv2D, tf.FusedConv2D, tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter], [...size, inputShape[3], 5]),
      ...of(
        [
          tf.DepthwiseConv2dNative,
          tf.FusedDepthwiseConv2D,
          tf.DepthwiseConv2dNativeBackpropInput,
          tf.DepthwiseConv2dNativeBackpropFilter,
        ],
        [...size, inputShape[3], 2],
      ),
    ];
  });

const pools = (): ConformanceCase[] =>
  WINDOWS.filter(({ size, pad }) => typeof pad === 'string' || pad < Math.min(...size)).flatMap((window, index) => {
    const x = values(41_000 + index, window.x);
    const attributes = { filterSize: window.size, strides: window.strides, pad: window.pad };
    return [tf.MaxPool, tf.AvgPool].map(
      (kernel): ConformanceCase => ({ title: named(window), call: { kernel, inputs: { x }, attributes } }),
    );
  });

const NONE = { shape: [2, 0, 3], data: new Float32Array(0) };

/** A maximum calls its axes by another name. */
const alongFirst = (kernel: string): object => ({
  [kernel === tf.Max ? 'reductionIndices' : 'axis']: [1],
  keepDims: false,
});

const empty = (): ConformanceCase[] => [
  ...[tf.Sum, tf.Prod, tf.Mean, tf.Max, tf.Min].map(
    (kernel): ConformanceCase => ({
      title: 'no values',
      call: { kernel, inputs: { x: NONE }, attributes: alongFirst(kernel) },
    }),
  ),
  {
    title: 'no columns to multiply',
    call: {
      kernel: tf._FusedMatMul,
      inputs: {
        a: { shape: [1, 2, 0], data: new Float32Array(0) },
        b: { shape: [1, 0, 3], data: new Float32Array(0) },
        bias: values(42_000, [3]),
      },
      attributes: { transposeA: false, transposeB: false, activation: 'relu' },
    },
  },
  {
    title: 'no images',
    call: {
      kernel: tf.Conv2DBackpropFilter,
      inputs: {
        x: { shape: [0, 4, 4, 2], data: new Float32Array(0) },
        dy: { shape: [0, 4, 4, 3], data: new Float32Array(0) },
      },
      attributes: { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 2, 3] },
    },
  },
  ...[tf.Relu, tf.Exp, tf.Softmax].map(
    (kernel): ConformanceCase => ({
      title: 'no values',
      call: {
        kernel,
        inputs: kernel === tf.Softmax ? { logits: NONE } : { x: NONE },
        attributes: kernel === tf.Softmax ? { dim: 2 } : {},
      },
    }),
  ),
];

export const edges = (): ConformanceCase[] => [...convolutions(), ...pools(), ...empty()];
