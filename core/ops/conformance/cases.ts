import { type ConvolutionAttributes, KERNELS, type PoolAttributes } from '../kernels.js';
import type { KernelCall } from './run.js';
import { type Values, values } from './values.js';

/** A kernel's call, and the calls of its gradient kernels, which read what the kernel gave. */
export interface ConformanceCase {
  readonly title: string;
  readonly call: KernelCall;
  /** Given the outputs of `call`. Default: none. */
  readonly gradients?: (outputs: readonly Values[]) => readonly KernelCall[];
}

/** Every kernel over the shapes where implementations differ: odd and even sizes, strides, groups, widths off every SIMD step. */
export const conformanceCases = (): ConformanceCase[] => [
  ...convolutions(),
  ...pools(),
  ...branchNorms(),
  ...scaleNorms(),
  ...patchMoments(),
  ...reluGradients(),
  ...affineSums(),
  ...shiftActivations(),
  ...biasedConvolutions(),
  ...runningStatistics(),
  ...crossEntropies(),
  ...momentumSteps(),
  ...squaredNorms(),
];

type Shape = readonly [number, number, number, number];

const convolutionShapes: readonly (readonly [x: Shape, kernel: Shape, attributes: ConvolutionAttributes])[] = [
  [[2, 5, 5, 3], [3, 3, 3, 4], { stride: 1, padding: [1, 1], groups: 1 }],
  [[2, 8, 8, 3], [3, 3, 3, 8], { stride: 2, padding: [1, 1], groups: 1 }],
  [[1, 7, 7, 5], [3, 3, 5, 6], { stride: 2, padding: [1, 1], groups: 1 }],
  [[2, 6, 5, 4], [3, 3, 4, 17], { stride: 1, padding: [0, 0], groups: 1 }],
  [[2, 6, 6, 4], [3, 3, 4, 4], { stride: 2, padding: [0, 0], groups: 1 }],
  [[3, 4, 4, 16], [3, 3, 16, 32], { stride: 1, padding: [1, 1], groups: 1 }],
  [[1, 2, 2, 20], [3, 3, 20, 68], { stride: 1, padding: [1, 1], groups: 1 }],
  [[2, 2, 2, 8], [3, 3, 8, 8], { stride: 2, padding: [1, 1], groups: 1 }],
  [[5, 1, 1, 6], [3, 3, 6, 7], { stride: 1, padding: [1, 1], groups: 1 }],
  [[2, 5, 6, 7], [1, 1, 7, 9], { stride: 1, padding: [0, 0], groups: 1 }],
  [[1, 9, 8, 4], [1, 1, 4, 12], { stride: 2, padding: [0, 0], groups: 1 }],
  [[1, 4, 5, 3], [1, 1, 3, 2], { stride: 1, padding: [1, 1], groups: 1 }],
  [[4, 33, 32, 3], [1, 1, 3, 3], { stride: 2, padding: [0, 0], groups: 1 }],
  [[1, 6, 7, 3], [1, 1, 3, 5], { stride: 2, padding: [1, 1], groups: 1 }],
  [[2, 5, 7, 4], [1, 3, 4, 4], { stride: 1, padding: [0, 1], groups: 1 }],
  [[2, 6, 5, 4], [3, 1, 4, 5], { stride: 2, padding: [1, 0], groups: 1 }],
  [[1, 8, 9, 3], [5, 5, 3, 4], { stride: 2, padding: [2, 2], groups: 1 }],
  [[1, 7, 6, 2], [7, 7, 2, 3], { stride: 1, padding: [3, 3], groups: 1 }],
  [[2, 7, 7, 4], [3, 3, 2, 6], { stride: 2, padding: [1, 1], groups: 2 }],
  [[2, 6, 6, 16], [3, 3, 4, 16], { stride: 1, padding: [1, 1], groups: 4 }],
  [[1, 5, 5, 6], [1, 1, 2, 9], { stride: 1, padding: [0, 0], groups: 3 }],
  [[2, 6, 7, 8], [3, 3, 1, 8], { stride: 1, padding: [1, 1], groups: 8 }],
  [[2, 8, 8, 5], [3, 3, 1, 5], { stride: 2, padding: [1, 1], groups: 5 }],
  [[1, 5, 5, 4], [3, 3, 1, 8], { stride: 1, padding: [1, 1], groups: 4 }],
  [[1, 6, 6, 8], [5, 5, 2, 4], { stride: 2, padding: [2, 2], groups: 4 }],
  [[2, 6, 5, 4], [2, 2, 4, 6], { stride: 1, padding: [1, 1], groups: 1, dilation: [2, 2] }],
  [[1, 7, 8, 3], [1, 2, 3, 4], { stride: 2, padding: [0, 1], groups: 1, dilation: [1, 2] }],
  [[1, 9, 8, 16], [2, 1, 16, 16], { stride: 1, padding: [2, 0], groups: 1, dilation: [4, 1] }],
  [[2, 6, 6, 8], [2, 2, 1, 8], { stride: 1, padding: [1, 1], groups: 8, dilation: [2, 2] }],
  [[1, 6, 7, 8], [2, 3, 2, 4], { stride: 2, padding: [1, 1], groups: 4, dilation: [2, 1] }],
];

const convolutions = (): ConformanceCase[] =>
  convolutionShapes.map(([inputShape, kernelShape, attributes], index) => {
    const x = values(2 * index, inputShape, { low: -0.5 });
    const kernel = values(2 * index + 1, kernelShape);
    const { stride, padding, groups, dilation = [1, 1] } = attributes;
    return {
      title: `images ${inputShape.join('x')}, kernel ${kernelShape.join('x')}, stride ${stride}, padding ${padding.join('x')}, groups ${groups}, dilation ${dilation.join('x')}`,
      call: { kernel: KERNELS.convolution, inputs: { x, kernel }, attributes },
      gradients: ([y]) => {
        const dy = values(index + 1000, (y as Values).shape, { high: 1.5 });
        return [
          {
            kernel: KERNELS.convolutionInputGradient,
            inputs: { dy, kernel },
            attributes: { ...attributes, inputShape },
          },
          { kernel: KERNELS.convolutionKernelGradient, inputs: { x, dy }, attributes: { ...attributes, kernelShape } },
        ];
      },
    };
  });

const poolShapes: readonly (readonly [x: Shape, attributes: PoolAttributes])[] = [
  [[2, 4, 4, 3], { size: 2, stride: 2, padding: 0 }],
  [[1, 5, 7, 4], { size: 2, stride: 2, padding: 0 }],
  [[2, 8, 8, 16], { size: 2, stride: 2, padding: 0 }],
  [[2, 6, 6, 5], { size: 3, stride: 2, padding: 1 }],
  [[2, 7, 5, 8], { size: 3, stride: 2, padding: 1 }],
  [[2, 5, 5, 9], { size: 3, stride: 1, padding: 1 }],
  [[1, 7, 6, 2], { size: 3, stride: 3, padding: 0 }],
  [[1, 6, 6, 20], { size: 5, stride: 1, padding: 2 }],
  [[1, 9, 8, 4], { size: 1, stride: 2, padding: 0 }],
  [[3, 1, 1, 4], { size: 3, stride: 1, padding: 1 }],
  [[1, 6, 6, 4], { size: 3, stride: 1, padding: 0 }],
];

const pools = (): ConformanceCase[] =>
  poolShapes.flatMap(([inputShape, attributes], index): ConformanceCase[] => {
    const { size, stride, padding } = attributes;
    const title = `images ${inputShape.join('x')}, size ${size}, stride ${stride}, padding ${padding}`;
    const gradientOf = (y: Values | undefined) => values(index + 3000, (y as Values).shape, { high: 1.5 });
    const average: ConformanceCase = {
      title,
      call: { kernel: KERNELS.averagePool, inputs: { x: values(index + 2000, inputShape) }, attributes },
      gradients: ([y]) => [
        {
          kernel: KERNELS.averagePoolGradient,
          inputs: { dy: gradientOf(y) },
          attributes: { ...attributes, inputShape },
        },
      ],
    };
    const inputs = [
      { kind: 'any values', x: values(index + 2000, inputShape) },
      { kind: 'equal values', x: values(index + 2000, inputShape, { step: 0.5 }) },
      { kind: 'negative values', x: values(index + 2000, inputShape, { low: -9, high: -8 }) },
    ];
    const maxima = inputs.map(
      ({ kind, x }): ConformanceCase => ({
        title: `${title}, ${kind}`,
        call: { kernel: KERNELS.maxPool, inputs: { x }, attributes },
        gradients: ([y]) => [
          { kernel: KERNELS.maxPoolGradient, inputs: { x, y: y as Values, dy: gradientOf(y) }, attributes },
        ],
      }),
    );
    return [average, ...maxima];
  });

const normShapes: readonly (readonly [shape: Shape, branches: number])[] = [
  [[2, 3, 3, 1], 1],
  [[4, 5, 5, 4], 1],
  [[2, 7, 3, 5], 2],
  [[3, 4, 4, 16], 3],
  [[2, 2, 2, 64], 4],
  [[1, 9, 8, 17], 7],
  [[8, 1, 1, 12], 2],
];

const branchNorms = (): ConformanceCase[] =>
  normShapes.flatMap(([shape, branches], index) =>
    [true, false].map((relu): ConformanceCase => {
      const channels = [shape[3]];
      const seed = 4000 + 100 * index;
      const each = <T>(make: (branch: number) => T) => Array.from({ length: branches }, (_, branch) => make(branch));
      const us = each((branch) => values(seed + branch, shape, { low: -1 + branch, high: 1 + 2 * branch }));
      // Two branches may see the very same image.
      if (branches > 2) us[2] = us[0] as Values;
      const gammas = each((branch) => values(seed + 10 + branch, channels, { low: 0.3, high: 1.5 }));
      const betas = each((branch) => values(seed + 20 + branch, channels));
      const gates = values(seed + 30, [branches], { low: 0.5, high: 1.5 });
      const attributes = { branches, epsilon: 1e-5, relu };
      const inputs = [...us, ...gammas, ...betas, gates];
      return {
        title: `${branches} branches of ${shape.join('x')}${relu ? ', ReLU' : ''}`,
        call: { kernel: KERNELS.branchNorm, inputs, attributes },
        gradients: ([y, ...moments]) => [
          {
            kernel: KERNELS.branchNormGradient,
            inputs: [values(seed + 40, shape), y as Values, ...inputs, ...moments],
            attributes,
          },
        ],
      };
    }),
  );

const scaleNorms = (): ConformanceCase[] =>
  normShapes.map(([shape], index) => {
    const seed = 5000 + 10 * index;
    const u = values(seed, shape, { low: -2, high: 4 });
    const gamma = values(seed + 1, [shape[3]], { low: 0.3, high: 1.5 });
    const attributes = { epsilon: 1e-5 };
    return {
      title: shape.join('x'),
      call: { kernel: KERNELS.scaleNorm, inputs: { u, gamma }, attributes },
      gradients: ([, moments]) => [
        {
          kernel: KERNELS.scaleNormGradient,
          inputs: { dy: values(seed + 2, shape), u, gamma, moments: moments as Values },
          attributes,
        },
      ],
    };
  });

const patchMoments = (): ConformanceCase[] =>
  normShapes.flatMap(([shape], index) =>
    ([1, 3] as const).map((size): ConformanceCase => {
      const x = values(5500 + index, shape, { low: -0.5 });
      return {
        title: `${shape.join('x')}, size ${size}`,
        call: { kernel: KERNELS.patchMoments, inputs: { x }, attributes: { size } },
        // What the kernel itself gives has the symmetry that its gradient asks for.
        gradients: ([moments]) => [
          {
            kernel: KERNELS.patchMomentsGradient,
            inputs: { x, dmoments: moments as Values },
            attributes: { size },
          },
        ],
      };
    }),
  );

const reluGradients = (): ConformanceCase[] =>
  [[7], [2, 3, 3, 5], [4, 8, 8, 16]].map((shape, index) => {
    const sparse = values(5900 + index, shape);
    const y = { shape, data: sparse.data.map((value) => Math.max(0, value)) };
    const dy = values(5950 + index, shape);
    return {
      title: shape.join('x'),
      call: { kernel: KERNELS.reluGradient, inputs: { y, dy }, attributes: {} },
    };
  });

const affineSums = (): ConformanceCase[] =>
  normShapes.flatMap(([shape, branches], index) =>
    [true, false].map((relu): ConformanceCase => {
      const seed = 6000 + 100 * index;
      const us = Array.from({ length: branches }, (_, branch) => values(seed + branch, shape));
      const scales = us.map((_, branch) => values(seed + 10 + branch, [shape[3]]));
      return {
        title: `${branches} branches of ${shape.join('x')}${relu ? ', ReLU' : ''}`,
        call: {
          kernel: KERNELS.affineSum,
          inputs: [...us, ...scales, values(seed + 20, [shape[3]])],
          attributes: { branches, relu },
        },
      };
    }),
  );

const shiftActivations = (): ConformanceCase[] =>
  normShapes.flatMap(([shape], index) =>
    [true, false].map((relu): ConformanceCase => {
      const seed = 6500 + 10 * index;
      const [u, shift] = [values(seed, shape), values(seed + 1, [shape[3]])];
      const dy = values(seed + 2, shape, { high: 1.5 });
      return {
        title: `${shape.join('x')}${relu ? ', ReLU' : ''}`,
        call: { kernel: KERNELS.shiftActivation, inputs: { u, shift }, attributes: { relu } },
        gradients: ([y]) => [
          {
            kernel: KERNELS.shiftActivationGradient,
            inputs: { dy, ...(relu && { y: y as Values }) },
            attributes: { relu },
          },
        ],
      };
    }),
  );

const biasedConvolutions = (): ConformanceCase[] =>
  convolutionShapes.map(([inputShape, kernelShape, attributes], index): ConformanceCase => {
    const seed = 6700 + 10 * index;
    const [x, kernel] = [values(seed, inputShape, { low: -0.5 }), values(seed + 1, kernelShape)];
    const relu = index % 2 === 0;
    return {
      title: `images ${inputShape.join('x')}, kernel ${kernelShape.join('x')}, groups ${attributes.groups}${relu ? ', ReLU' : ''}`,
      call: {
        kernel: KERNELS.biasedConvolution,
        inputs: { x, kernel, bias: values(seed + 2, [kernelShape[3]]) },
        attributes: { ...attributes, relu },
      },
    };
  });

const runningStatistics = (): ConformanceCase[] =>
  [1, 5, 64].flatMap((channels, index) =>
    [true, false].map((shifted): ConformanceCase => {
      const seed = 6950 + 10 * index;
      const given = (offset: number) => values(seed + offset, [2, channels], { low: 0, high: 2 });
      return {
        title: `${channels} channels${shifted ? ' with a constant' : ''}`,
        call: {
          kernel: KERNELS.runningStatistics,
          inputs: { running: given(0), moments: given(1), ...(shifted && { constant: values(seed + 2, [channels]) }) },
          attributes: { momentum: 0.1, count: 7 },
        },
      };
    }),
  );

const crossEntropies = (): ConformanceCase[] =>
  [
    { shape: [4, 10], high: 5 },
    { shape: [1, 3], high: 5 },
    { shape: [7, 101], high: 90 },
  ].map(({ shape, high }, index) => {
    const logits = values(7000 + index, shape, { low: -high, high });
    const target = probabilities(values(7010 + index, shape, { low: 0, high: 1 }));
    return {
      title: `logits ${shape.join('x')} up to ${high}`,
      call: { kernel: KERNELS.crossEntropy, inputs: { logits, target }, attributes: {} },
      gradients: ([, probabilities]) => [
        {
          kernel: KERNELS.crossEntropyGradient,
          inputs: { dy: { shape: [], data: Float32Array.of(0.7) }, probabilities: probabilities as Values, target },
          attributes: {},
        },
      ],
    };
  });

/** Every row divided by its sum. */
function probabilities({ shape, data }: Values): Values {
  const classes = shape[1] as number;
  const sums = Array.from({ length: shape[0] as number }, (_, row) =>
    data.subarray(row * classes, (row + 1) * classes).reduce((sum, value) => sum + value, 0),
  );
  return { shape, data: data.map((value, index) => value / (sums[Math.floor(index / classes)] as number)) };
}

const momentumSteps = (): ConformanceCase[] =>
  [[1], [7], [3, 3, 4, 6], [130], [3, 3, 32, 40]].flatMap((shape, index) =>
    [
      { scale: 0.6, learningRate: 0.1, momentum: 0.9, weightDecay: 1e-2, nesterov: false },
      { scale: 1, learningRate: 0.1, momentum: 0.9, weightDecay: 0, nesterov: false },
      { scale: 1, learningRate: 0.05, momentum: 0.8, weightDecay: 0, nesterov: true },
      { scale: 0, learningRate: 0.1, momentum: 0, weightDecay: 1e-2, nesterov: false },
    ].map(({ scale: factor, ...attributes }): ConformanceCase => {
      const seed = 8000 + 10 * index;
      const [parameter, gradient, velocity] = [values(seed, shape), values(seed + 1, shape), values(seed + 2, shape)];
      const scale = { shape: [], data: Float32Array.of(factor) };
      const { momentum, weightDecay, nesterov } = attributes;
      return {
        title: `parameter ${shape.join('x')}, scale ${factor}, momentum ${momentum}, decay ${weightDecay}${nesterov ? ', Nesterov' : ''}`,
        call: { kernel: KERNELS.momentumStep, inputs: { parameter, gradient, velocity, scale }, attributes },
      };
    }),
  );

const squaredNorms = (): ConformanceCase[] =>
  [
    [[5]],
    [[3, 3, 4, 8], [1], [17, 2], [70, 100]],
    // As many as a network has parameters: more than a GPU's shader may read.
    Array.from({ length: 70 }, (_, index) => [1 + (index % 9)]),
  ].map((shapes, index) => ({
    title: shapes.length > 9 ? `${shapes.length} tensors` : shapes.map((shape) => shape.join('x')).join(' and '),
    call: {
      kernel: KERNELS.squaredNorm,
      inputs: shapes.map((shape, position) => values(9000 + 10 * index + position, shape)),
      attributes: {},
    },
  }));
