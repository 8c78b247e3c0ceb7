import { KERNELS } from '../../kernels.js';
import type { ConformanceCase } from '../case.js';
import { type Values, values } from '../values.js';

export const reluGradients = (): ConformanceCase[] =>
  [[7], [2, 3, 3, 5], [4, 8, 8, 16]].map((shape, index) => {
    const sparse = values(5900 + index, shape);
    const y = { shape, data: sparse.data.map((value) => Math.max(0, value)) };
    const dy = values(5950 + index, shape);
    return {
      title: shape.join('x'),
      call: { kernel: KERNELS.reluGradient, inputs: { y, dy }, attributes: {} },
    };
  });

export const crossEntropies = (): ConformanceCase[] =>
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

export const accumulations = (): ConformanceCase[] =>
  [[7], [3, 3, 4, 6], [3, 3, 32, 40]].map((shape, index) => {
    const [a, b] = [values(7500 + 10 * index, shape), values(7501 + 10 * index, shape)];
    return {
      title: shape.join('x'),
      call: { kernel: KERNELS.accumulate, inputs: { a, b }, attributes: {}, overwrites: [0] },
    };
  });

export const singleMomentumSteps = (): ConformanceCase[] =>
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

export const squaredNorms = (): ConformanceCase[] =>
  [
    [[5]],
    [[3, 3, 4, 8], [1], [17, 2], [150, 111], [128, 128]],
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

export const momentumSteps = (): ConformanceCase[] =>
  [{ nesterov: false }, { nesterov: true }].map(({ nesterov }, index): ConformanceCase => {
    const seed = 8500 + 20 * index;
    const shapes = [[3, 3, 32, 40], [7], [1]];
    const tensors = (offset: number) => shapes.map((shape, at) => values(seed + offset + at, shape));
    return {
      title: `${shapes.map((shape) => shape.join('x')).join(' and ')}${nesterov ? ', Nesterov' : ''}`,
      call: {
        kernel: KERNELS.momentumSteps,
        inputs: [{ shape: [], data: Float32Array.of(0.6) }, ...tensors(0), ...tensors(5), ...tensors(10)],
        attributes: { learningRate: 0.1, momentum: 0.9, weightDecays: [1e-2, 0, 1e-2], nesterov },
        overwrites: [1, 2, 3, 7, 8, 9],
      },
    };
  });
