import * as tf from '@tensorflow/tfjs-core';
import type { ConformanceCase, Shape } from '../case.js';
import { type Values, values } from '../values.js';

// TensorFlow.js' own kernels, which composed forms are made of and which a model that is none of ours calls.

interface Window {
  readonly strides: number | readonly [number, number];
  readonly pad: 'valid' | 'same' | number | readonly (readonly [number, number])[];
  readonly dilations?: readonly [number, number];
}

const border = [
  [0, 0],
  [2, 0],
  [1, 3],
  [0, 0],
] as const;

const windows: readonly (readonly [x: Shape, size: readonly [number, number], outputs: number, window: Window])[] = [
  [[2, 5, 5, 3], [3, 3], 4, { strides: 1, pad: 'same' }],
  [[2, 8, 7, 4], [3, 3], 6, { strides: 2, pad: 'same' }],
  [[1, 9, 9, 8], [3, 3], 16, { strides: 2, pad: 'valid' }],
  [[2, 6, 6, 5], [2, 2], 3, { strides: 1, pad: 'same' }],
  [[1, 7, 6, 3], [3, 3], 5, { strides: 1, pad: 1 }],
  [[1, 6, 6, 4], [3, 3], 4, { strides: 1, pad: border }],
  [[2, 6, 5, 8], [1, 1], 12, { strides: 1, pad: 'valid' }],
  [[1, 8, 8, 16], [1, 1], 8, { strides: 2, pad: 'same' }],
];

const named = ([x, size, outputs, { strides, pad, dilations }]: (typeof windows)[number]): string =>
  `images ${x.join('x')}, window ${size.join('x')}, to ${outputs}, strides ${strides}, pad ${JSON.stringify(pad)}${dilations ? `, dilations ${dilations.join('x')}` : ''}`;

/** As TensorFlow.js' operations hand them to their kernels. */
const attributesOf = ({ strides, pad, dilations = [1, 1] }: Window) => ({
  strides: typeof strides === 'number' ? [strides, strides] : strides,
  pad,
  dataFormat: 'NHWC',
  dilations,
});

const DILATED: typeof windows = [[[1, 9, 8, 4], [3, 3], 5, { strides: 1, pad: 'same', dilations: [2, 2] }]];

const convolutions = (): ConformanceCase[] =>
  [...windows, ...DILATED].map((given, index): ConformanceCase => {
    const [inputShape, size, outputs, window] = given;
    const filterShape = [...size, inputShape[3], outputs];
    const x = values(20_000 + 2 * index, inputShape);
    const filter = values(20_001 + 2 * index, filterShape);
    const attributes = attributesOf(window);
    return {
      title: named(given),
      call: { kernel: tf.Conv2D, inputs: { x, filter }, attributes },
      gradients: ([y]) => {
        // TensorFlow.js has no gradient of a dilated convolution.
        if (window.dilations) return [];
        const dy = values(21_000 + index, (y as Values).shape);
        return [
          { kernel: tf.Conv2DBackpropInput, inputs: { dy, filter }, attributes: { ...attributes, inputShape } },
          { kernel: tf.Conv2DBackpropFilter, inputs: { x, dy }, attributes: { ...attributes, filterShape } },
        ];
      },
    };
  });

const depthwise = (): ConformanceCase[] =>
  // An explicit border is refused by TensorFlow.js' backends in some of these kernels.
  windows
    .filter(([, , , { pad }]) => typeof pad === 'string')
    .flatMap((given, index) =>
      [1, 2].map((multiplier): ConformanceCase => {
        const [inputShape, size, , window] = given;
        const filterShape = [...size, inputShape[3], multiplier];
        const x = values(22_000 + 4 * index + multiplier, inputShape);
        const filter = values(22_002 + 4 * index + multiplier, filterShape);
        const attributes = attributesOf(window);
        return {
          title: `${named(given)}, ${multiplier} a channel`,
          call: { kernel: tf.DepthwiseConv2dNative, inputs: { x, filter }, attributes },
          gradients: ([y]) => {
            const dy = values(23_000 + index, (y as Values).shape);
            return [
              {
                kernel: tf.DepthwiseConv2dNativeBackpropInput,
                inputs: { dy, filter },
                attributes: { ...attributes, inputShape },
              },
              {
                kernel: tf.DepthwiseConv2dNativeBackpropFilter,
                inputs: { x, dy },
                attributes: { ...attributes, filterShape },
              },
            ];
          },
        };
      }),
    );

const pools = (): ConformanceCase[] =>
  windows
    .filter(([, , , { pad }]) => typeof pad === 'string')
    .flatMap((given, index) => {
      const [inputShape, filterSize, , window] = given;
      const input = values(24_000 + index, inputShape);
      const strides = typeof window.strides === 'number' ? [window.strides, window.strides] : window.strides;
      const attributes = { filterSize, strides, pad: window.pad };
      const title = named(given);
      const dyOf = (y: Values | undefined) => values(24_500 + index, (y as Values).shape);
      const gradient = (kernel: string, inputs: Record<string, Values>) => ({ kernel, inputs, attributes });
      const maximum: ConformanceCase = {
        title,
        call: { kernel: tf.MaxPool, inputs: { x: input }, attributes },
        gradients: ([y]) => [gradient(tf.MaxPoolGrad, { dy: dyOf(y), input, output: y as Values })],
      };
      const average: ConformanceCase = {
        title,
        call: { kernel: tf.AvgPool, inputs: { x: input }, attributes },
        // At a border TensorFlow divides by the pixels inside, TensorFlow.js by all of the window.
        gradients: ([y]) => (window.pad === 'valid' ? [gradient(tf.AvgPoolGrad, { dy: dyOf(y), input })] : []),
      };
      return [maximum, average];
    });

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

const fused = (): ConformanceCase[] =>
  ACTIVATIONS.flatMap((activation, index): ConformanceCase[] => {
    const seed = 25_000 + 10 * index;
    const window = attributesOf({ strides: 1 + (index % 2), pad: 'same' });
    const ending = (channels: number) => ({
      bias: values(seed + 2, [channels]),
      ...(activation === 'prelu' && { preluActivationWeights: values(seed + 3, [channels]) }),
    });
    const attributes = { activation, leakyreluAlpha: 0.2 };
    const x = values(seed, [2, 6, 5, 4]);
    return [
      {
        title: activation,
        call: {
          kernel: tf.FusedConv2D,
          inputs: { x, filter: values(seed + 1, [3, 3, 4, 6]), ...ending(6) },
          attributes: { ...window, ...attributes },
        },
      },
      {
        title: activation,
        call: {
          kernel: tf.FusedDepthwiseConv2D,
          inputs: { x, filter: values(seed + 4, [3, 3, 4, 1]), ...ending(4) },
          attributes: { ...window, ...attributes },
        },
      },
      {
        title: activation,
        call: {
          kernel: tf._FusedMatMul,
          inputs: { a: values(seed + 5, [1, 7, 9]), b: values(seed + 6, [1, 9, 5]), ...ending(5) },
          attributes: { transposeA: false, transposeB: false, ...attributes },
        },
      },
    ];
  });

const products = (): ConformanceCase[] =>
  [
    [1, 3, 5, 7],
    [2, 33, 20, 65],
    [1, 130, 64, 10],
  ].flatMap(([batch = 1, rows = 1, inner = 1, columns = 1], index) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB): ConformanceCase => {
        const a = values(26_000 + index, [batch, ...(transposeA ? [inner, rows] : [rows, inner])]);
        const b = values(26_500 + index, [batch, ...(transposeB ? [columns, inner] : [inner, columns])]);
        return {
          title: `${batch} of ${rows}x${inner}x${columns}${transposeA ? ', first turned' : ''}${transposeB ? ', second turned' : ''}`,
          call: { kernel: tf.BatchMatMul, inputs: { a, b }, attributes: { transposeA, transposeB } },
        };
      }),
    ),
  );

const others = (): ConformanceCase[] => [
  ...[[0, 1], [0, 1, 2, 3], [3], [1, 2], []].map(
    (dims): ConformanceCase => ({
      title: `reversed along ${dims.join(', ') || 'none'}`,
      call: { kernel: tf.Reverse, inputs: { x: values(27_500 + dims.length, [3, 2, 4, 5]) }, attributes: { dims } },
    }),
  ),
  ...[
    [3, 5],
    [40, 101],
    [2, 3, 4],
  ].map(
    (shape, index): ConformanceCase => ({
      title: shape.join('x'),
      call: {
        kernel: tf.Softmax,
        inputs: { logits: values(27_000 + index, shape, { low: -20, high: 20 }) },
        attributes: { dim: shape.length - 1 },
      },
    }),
  ),
  ...[1, 5, 32].map((channels, index): ConformanceCase => {
    const seed = 27_100 + 10 * index;
    const vector = (offset: number, low = -1) => values(seed + offset, [channels], { low, high: 2 });
    return {
      title: `${channels} channels`,
      call: {
        kernel: tf.FusedBatchNorm,
        inputs: {
          x: values(seed, [2, 4, 3, channels]),
          mean: vector(1),
          variance: vector(2, 0.1),
          offset: vector(3),
          scale: vector(4),
        },
        attributes: { varianceEpsilon: 1e-3 },
      },
    };
  }),
];

export const tensorflowKernels = (): ConformanceCase[] => [
  ...convolutions(),
  ...depthwise(),
  ...pools(),
  ...fused(),
  ...products(),
  ...others(),
];
