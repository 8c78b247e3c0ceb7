import * as tf from '@tensorflow/tfjs-core';
import { KERNELS } from '../../kernels.js';
import type { ConformanceCase } from '../case.js';
import { type Values, values } from '../values.js';

// NaN, infinities and denormal numbers, in tensors below and above the sizes from which engines compute otherwise. A network that has
// become NaN must not look as if it had not.

const SIZES = [9, 5000];
/** Several parts of what an engine goes over at a time. */
const MANY = 300_000;

/** Ordinary values with special ones among them, some near the end. */
function special(seed: number, shape: readonly number[], among: readonly number[]): Values {
  const given = values(seed, shape);
  const step = Math.max(1, Math.floor(given.data.length / (2 * among.length)));
  for (const [index, value] of among.entries()) given.data[(1 + 2 * index) * step - 1] = value;
  return given;
}

const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: lowest } = Number;
const ALL = [nan, infinity, lowest, 1e-42, -0];
const NOT_FINITE = [nan, infinity, lowest];

const MAPS = [tf.Relu, tf.Relu6, tf.Exp, tf.Sigmoid, tf.Tanh, tf.Abs, tf.Neg, tf.Square, tf.Sqrt, tf.Elu];

const maps = (): ConformanceCase[] =>
  [...SIZES, MANY].flatMap((size) => [
    ...(size === MANY ? [tf.Relu] : MAPS).map((kernel): ConformanceCase => {
      const inputs = { x: special(30_000 + size, [size], ALL) };
      return { title: `special values among ${size}`, call: { kernel, inputs, attributes: {} } };
    }),
    {
      title: `special values among ${size}`,
      call: {
        kernel: tf.ClipByValue,
        inputs: { x: special(30_001 + size, [size], ALL) },
        attributes: { clipValueMin: -0.5, clipValueMax: 0.5 },
      },
    },
  ]);

const pairs = (): ConformanceCase[] =>
  SIZES.flatMap((size) =>
    [tf.Add, tf.Sub, tf.Multiply, tf.Maximum, tf.Minimum].flatMap((kernel) => {
      const [a, b] = [special(31_000 + size, [size], ALL), values(31_001 + size, [size])];
      const one = { shape: [], data: Float32Array.of(nan) };
      return [
        { title: `special values first, among ${size}`, call: { kernel, inputs: { a, b }, attributes: {} } },
        { title: `special values second, among ${size}`, call: { kernel, inputs: { a: b, b: a }, attributes: {} } },
        { title: `${size} values with a NaN`, call: { kernel, inputs: { a: b, b: one }, attributes: {} } },
      ];
    }),
  );

const rows = (): ConformanceCase[] =>
  [
    [3, 4],
    [50, 100],
  ].flatMap((shape, index): ConformanceCase[] => {
    const logits = special(32_000 + index, shape, NOT_FINITE);
    const target = values(32_010 + index, shape, { low: 0 });
    return [
      {
        title: `special values in ${shape.join('x')}`,
        call: { kernel: tf.Softmax, inputs: { logits }, attributes: { dim: 1 } },
      },
      {
        title: `special values in ${shape.join('x')}`,
        call: { kernel: KERNELS.crossEntropy, inputs: { logits, target }, attributes: {} },
      },
      ...[tf.Max, tf.Min, tf.Sum, tf.Mean].map(
        (kernel): ConformanceCase => ({
          title: `special values in rows of ${shape.join('x')}`,
          call: { kernel, inputs: { x: logits }, attributes: { axis: [1], reductionIndices: [1], keepDims: false } },
        }),
      ),
    ];
  });

const pools = (): ConformanceCase[] =>
  [3, 32].flatMap((channels): ConformanceCase[] => {
    const x = special(33_000 + channels, [2, 9, 9, channels], [nan, infinity]);
    const window = { filterSize: [3, 3], strides: [2, 2], pad: 'same' };
    return [
      {
        title: `special values in ${channels} channels`,
        call: { kernel: KERNELS.maxPool, inputs: { x }, attributes: { size: 3, stride: 2, padding: 1 } },
      },
      {
        title: `special values in ${channels} channels`,
        call: { kernel: tf.MaxPool, inputs: { x }, attributes: window },
      },
    ];
  });

/** Lists cases of kernels that fuse a ReLU, which must let NaN through. */
const rectified = (): ConformanceCase[] =>
  [3, 32].flatMap((channels): ConformanceCase[] => {
    const shape = [2, 34, 34, channels];
    const vector = (seed: number) => values(seed, [channels]);
    const [x, other] = [special(34_000 + channels, shape, [nan]), values(34_001 + channels, shape)];
    const sums = [1, 2].flatMap((branches): ConformanceCase[] => {
      const us = [x, other].slice(0, branches);
      const each = (seed: number) => us.map((_, index) => vector(seed + index));
      return [
        {
          title: `a NaN in ${branches} branches of ${channels} channels`,
          call: {
            kernel: KERNELS.affineSum,
            inputs: [...us, ...each(34_010), vector(34_020)],
            attributes: { branches, relu: true },
          },
        },
        {
          title: `a NaN in ${branches} branches of ${channels} channels`,
          call: {
            kernel: KERNELS.branchNorm,
            inputs: [...us, ...each(34_030), ...each(34_040), values(34_050, [branches])],
            attributes: { branches, epsilon: 1e-5, relu: true },
          },
        },
      ];
    });
    const convolutions = [
      { size: 1, groups: 1 },
      { size: 3, groups: 1 },
      { size: 3, groups: channels },
    ].map(({ size, groups }): ConformanceCase => {
      const kernel = values(34_060, [size, size, channels / groups, channels]);
      return {
        title: `a NaN in ${channels} channels, window ${size}, groups ${groups}`,
        // Fast forms of a convolution compute tiles of pixels together.
        spreads: true,
        call: {
          kernel: KERNELS.biasedConvolution,
          inputs: { x, kernel, bias: vector(34_061) },
          attributes: { stride: 1, padding: [(size - 1) / 2, (size - 1) / 2], groups, relu: true },
        },
      };
    });
    return [...sums, ...convolutions];
  });

export const specialValues = (): ConformanceCase[] => [...maps(), ...pairs(), ...rows(), ...pools(), ...rectified()];
