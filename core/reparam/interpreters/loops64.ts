import type { ConvolutionAttributes, PoolAttributes } from '../../engine/kernels.js';

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

export function convolution(
  x: Array64,
  kernel: Array64,
  { stride, padding, groups, dilation = [1, 1] }: ConvolutionAttributes,
): Array64 {
  const [images, height, width] = x.shape as [number, number, number];
  const [rows, columns, inputs, outputs] = kernel.shape as [number, number, number, number];
  const outputSize = (length: number, taps: number, border: number, apart: number): number =>
    Math.floor((length + 2 * border - (taps - 1) * apart - 1) / stride) + 1;
  const y = zeros([
    images,
    outputSize(height, rows, padding[0], dilation[0]),
    outputSize(width, columns, padding[1], dilation[1]),
    outputs,
  ]);
  let place = 0;
  for (const [n, h, w, o] of range(...y.shape) as Iterable<[number, number, number, number]>) {
    const group = Math.floor(o / (outputs / groups));
    let sum = 0;
    for (const [i, j, c] of range(rows, columns, inputs) as Iterable<[number, number, number]>) {
      const [row, column] = [h * stride + i * dilation[0] - padding[0], w * stride + j * dilation[1] - padding[1]];
      if (inside(row, height) && inside(column, width))
        sum += at(x, n, row, column, group * inputs + c) * at(kernel, i, j, c, o);
    }
    y.data[place++] = sum;
  }
  return y;
}

export function pool(x: Array64, { size, stride, padding }: PoolAttributes, join: (seen: number[]) => number): Array64 {
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  const outputSize = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  const y = zeros([images, outputSize(height), outputSize(width), channels]);
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

/** One value per channel added everywhere. */
export const addChannels = ({ shape, data }: Array64, values: Float64Array): Array64 => ({
  shape,
  data: data.map((value, index) => value + (values[index % values.length] as number)),
});

/** `border` pixels around images, one value per channel. */
export function bordered({ shape, data }: Array64, border: number, values: Float64Array): Array64 {
  const [images, height, width, channels] = shape as [number, number, number, number];
  const padded = zeros([images, height + 2 * border, width + 2 * border, channels]);
  for (const index of padded.data.keys()) padded.data[index] = values[index % channels] as number;
  const [rows, columns] = [height + 2 * border, width + 2 * border];
  for (let n = 0; n < images; n++) {
    for (let row = 0; row < height; row++) {
      const from = (n * height + row) * width * channels;
      const to = ((n * rows + row + border) * columns + border) * channels;
      padded.data.set(data.subarray(from, from + width * channels), to);
    }
  }
  return padded;
}
