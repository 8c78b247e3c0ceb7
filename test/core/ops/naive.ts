import type { BranchNormAttributes, ConvolutionAttributes, PoolAttributes } from '../../../core/ops/kernels.js';

/** The operations as loops in float64, straight from their definitions. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const zeros = (shape: readonly number[]): Array64 => ({
  shape,
  data: new Float64Array(shape.reduce((product, length) => product * length, 1)),
});

const offset = (shape: readonly number[], ...at: number[]): number =>
  at.reduce((sum, index, axis) => sum * (shape[axis] as number) + index, 0);

export const at = ({ shape, data }: Array64, ...index: number[]): number => data[offset(shape, ...index)] as number;

function* range(...lengths: number[]): Generator<number[]> {
  const [length, ...rest] = lengths;
  if (length === undefined) {
    yield [];
    return;
  }
  for (let index = 0; index < length; index++) for (const tail of range(...rest)) yield [index, ...tail];
}

const inside = (index: number, length: number): boolean => index >= 0 && index < length;

export function convolution(x: Array64, kernel: Array64, { stride, padding, groups }: ConvolutionAttributes): Array64 {
  const [images, height, width] = x.shape as [number, number, number];
  const [rows, columns, inputs, outputs] = kernel.shape as [number, number, number, number];
  const y = zeros([
    images,
    Math.floor((height + 2 * padding[0] - rows) / stride) + 1,
    Math.floor((width + 2 * padding[1] - columns) / stride) + 1,
    outputs,
  ]);
  let place = 0;
  for (const [n, h, w, o] of range(...y.shape) as Iterable<[number, number, number, number]>) {
    const group = Math.floor(o / (outputs / groups));
    let sum = 0;
    for (const [i, j, c] of range(rows, columns, inputs) as Iterable<[number, number, number]>) {
      const [row, column] = [h * stride + i - padding[0], w * stride + j - padding[1]];
      if (inside(row, height) && inside(column, width))
        sum += at(x, n, row, column, group * inputs + c) * at(kernel, i, j, c, o);
    }
    y.data[place++] = sum;
  }
  return y;
}

function pool(x: Array64, { size, stride, padding }: PoolAttributes, join: (seen: number[]) => number): Array64 {
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  const places = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  const y = zeros([images, places(height), places(width), channels]);
  let place = 0;
  for (const [n, h, w, c] of range(...y.shape) as Iterable<[number, number, number, number]>) {
    const seen: number[] = [];
    for (const [i, j] of range(size, size) as Iterable<[number, number]>) {
      const [row, column] = [h * stride + i - padding, w * stride + j - padding];
      if (inside(row, height) && inside(column, width)) seen.push(at(x, n, row, column, c));
    }
    y.data[place++] = join(seen);
  }
  return y;
}

export const averagePool = (x: Array64, attributes: PoolAttributes): Array64 =>
  pool(x, attributes, (seen) => seen.reduce((sum, value) => sum + value, 0) / attributes.size ** 2);

export const maxPool = (x: Array64, attributes: PoolAttributes): Array64 =>
  pool(x, attributes, (seen) => Math.max(...seen));

/** Mean and biased variance of every channel: `[2, C]`. */
export function moments(u: Array64): Array64 {
  const channels = u.shape.at(-1) as number;
  const count = u.data.length / channels;
  const result = zeros([2, channels]);
  for (let channel = 0; channel < channels; channel++) {
    const of = u.data.filter((_, index) => index % channels === channel);
    const mean = of.reduce((sum, value) => sum + value, 0) / count;
    result.data[channel] = mean;
    result.data[channels + channel] = of.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  }
  return result;
}

export function branchNorm(inputs: readonly Array64[], { branches, epsilon, relu }: BranchNormAttributes): Array64 {
  const us = inputs.slice(0, branches);
  const channels = us[0]?.shape.at(-1) as number;
  const y = zeros((us[0] as Array64).shape);
  for (const [branch, u] of us.entries()) {
    const statistics = moments(u);
    const gate = at(inputs[3 * branches] as Array64, branch);
    for (const [index, value] of u.data.entries()) {
      const channel = index % channels;
      const gamma = at(inputs[branches + branch] as Array64, channel);
      const beta = at(inputs[2 * branches + branch] as Array64, channel);
      const normal = (value - at(statistics, 0, channel)) / Math.sqrt(at(statistics, 1, channel) + epsilon);
      y.data[index] = (y.data[index] as number) + gate * (gamma * normal + beta);
    }
  }
  if (relu) for (const [index, value] of y.data.entries()) y.data[index] = Math.max(0, value);
  return y;
}

export function scaleNorm(u: Array64, gamma: Array64, epsilon: number): Array64 {
  const channels = u.shape.at(-1) as number;
  const statistics = moments(u);
  const scale = (channel: number) => at(gamma, channel) / Math.sqrt(at(statistics, 1, channel) + epsilon);
  return { shape: u.shape, data: u.data.map((value, index) => value * scale(index % channels)) };
}

export function affineSum(inputs: readonly Array64[], branches: number, relu: boolean): Array64 {
  const y = zeros((inputs[0] as Array64).shape);
  const channels = y.shape.at(-1) as number;
  for (const index of y.data.keys()) {
    const channel = index % channels;
    let sum = at(inputs[2 * branches] as Array64, channel);
    for (let branch = 0; branch < branches; branch++) {
      sum += (inputs[branch]?.data[index] as number) * at(inputs[branches + branch] as Array64, channel);
    }
    y.data[index] = relu ? Math.max(0, sum) : sum;
  }
  return y;
}

export function softmax(logits: Array64): Array64 {
  const [images, classes] = logits.shape as [number, number];
  const result = zeros(logits.shape);
  for (let image = 0; image < images; image++) {
    const row = logits.data.subarray(image * classes, (image + 1) * classes);
    const sum = row.reduce((total, value) => total + Math.exp(value), 0);
    for (const [index, value] of row.entries()) result.data[image * classes + index] = Math.exp(value) / sum;
  }
  return result;
}

export function crossEntropy(logits: Array64, target: Array64): Array64 {
  const probabilities = softmax(logits);
  const sum = target.data.reduce(
    (total, value, index) => total - value * Math.log(probabilities.data[index] as number),
    0,
  );
  return { shape: [], data: Float64Array.of(sum / (logits.shape[0] as number)) };
}
