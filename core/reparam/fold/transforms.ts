import type { FoldedConvolution, InferenceNorm, Kernel64 } from '../../contracts/kernel.js';
import { addProduct } from './product.js';

/**
 * The six transforms of DBB (Ding et al. 2021, arXiv 2103.13425), in their order, as pure functions on float64. `accumulate.ts` does I,
 * VI and II in one pass where memory counts; `product.ts` is the matrix product under III.
 */

/**
 * Transform I (Ding et al. 2021, eq. 2): a convolution and the batch-norm behind it are one convolution, F·γ/σ with bias
 * β + (c − μ)γ/σ, where σ = √(variance + ε).
 */
export function foldNorm({ kernel, bias }: FoldedConvolution, norm: InferenceNorm): FoldedConvolution {
  const outputs = kernel.shape[3];
  const scale = Float64Array.from(norm.gamma, (gamma, o) => gamma / Math.sqrt(at(norm.variance, o) + norm.epsilon));
  const data = new Float64Array(kernel.data.length);
  for (let row = 0; row < data.length; row += outputs) {
    for (let o = 0; o < outputs; o++) data[row + o] = at(kernel.data, row + o) * at(scale, o);
  }
  return {
    kernel: { shape: kernel.shape, data },
    bias: bias.map((constant, o) => at(norm.beta, o) + (constant - at(norm.mean, o)) * at(scale, o)),
  };
}

const at = (values: Float64Array, index: number): number => values[index] as number;

/** Transform II (Ding et al. 2021, eq. 3): convolutions of one shape that are summed are one convolution. @throws Error if shapes differ or there are none. */
export function foldSum(convolutions: readonly FoldedConvolution[]): FoldedConvolution {
  const [first, ...rest] = convolutions;
  if (!first) throw new Error('there is no convolution to sum; expected at least one branch');
  const kernel = first.kernel.data.slice();
  const bias = first.bias.slice();
  for (const other of rest) {
    if (other.kernel.shape.join() !== first.kernel.shape.join()) {
      throw new Error(
        `kernels of [${first.kernel.shape}] and [${other.kernel.shape}] cannot be summed; embed the smaller one`,
      );
    }
    add(kernel, other.kernel.data);
    add(bias, other.bias);
  }
  return { kernel: { shape: first.kernel.shape, data: kernel }, bias };
}

function add(target: Float64Array, values: Float64Array): void {
  for (let at = 0; at < target.length; at++) target[at] = (target[at] as number) + (values[at] as number);
}

/**
 * Transform III (Ding et al. 2021, eq. 5 to 7): a 1x1 convolution and a KxK one behind it are one,
 * F'[h,w,i,o] = Σ_t F1[i,t]·F2[h,w,t,o] with bias Σ_{h,w,t} b1[t]·F2[h,w,t,o] + b2[o]. Exact when what pads the map between
 * the two is b1, the first one's answer to a zero input. Groups are folded one by one and put together by transform IV.
 * @throws Error if the first is not 1x1 or the channels do not fit.
 */
export function foldSequence(first: FoldedConvolution, second: FoldedConvolution, groups: number): FoldedConvolution {
  const [height, width, , middle] = first.kernel.shape;
  const expected = second.kernel.shape[2] * groups;
  if (height !== 1 || width !== 1 || middle !== expected) {
    throw new Error(
      `a kernel of [${first.kernel.shape}] before one of [${second.kernel.shape}] in ${groups} groups; expected a 1x1 kernel with ${expected} outputs`,
    );
  }
  const firsts = splitGroups(first, groups);
  const seconds = splitGroups(second, groups);
  return foldConcat(firsts.map((group, at) => foldGroup(group, seconds[at] as FoldedConvolution)));
}

function foldGroup(first: FoldedConvolution, second: FoldedConvolution): FoldedConvolution {
  const [, , inputs, middle] = first.kernel.shape;
  const [height, width, , outputs] = second.kernel.shape;
  const data = new Float64Array(height * width * inputs * outputs);
  const bias = second.bias.slice();
  for (let pixel = 0; pixel < height * width; pixel++) {
    const taps = second.kernel.data.subarray(pixel * middle * outputs, (pixel + 1) * middle * outputs);
    const folded = data.subarray(pixel * inputs * outputs, (pixel + 1) * inputs * outputs);
    addProduct(folded, first.kernel.data, taps, { rows: inputs, inner: middle, columns: outputs });
    addProduct(bias, first.bias, taps, { rows: 1, inner: middle, columns: outputs });
  }
  return { kernel: { shape: [height, width, inputs, outputs], data }, bias };
}

/** Transform IV (Ding et al. 2021, eq. 8): convolutions side by side, each with outputs of its own, are one whose outputs are theirs in order. This is how groups come together. @throws Error if shapes differ in more than the outputs. */
export function foldConcat(parts: readonly FoldedConvolution[]): FoldedConvolution {
  const [first] = parts;
  if (!first) throw new Error('there is no convolution to put side by side');
  const [height, width, inputs] = first.kernel.shape;
  const outputs = parts.reduce((sum, { kernel }) => sum + kernel.shape[3], 0);
  const data = new Float64Array(height * width * inputs * outputs);
  const bias = new Float64Array(outputs);
  let from = 0;
  for (const { kernel, bias: own } of parts) {
    const [h, w, i, channels] = kernel.shape;
    if (h !== height || w !== width || i !== inputs) {
      throw new Error(`kernels of [${first.kernel.shape}] and [${kernel.shape}] differ in more than their outputs`);
    }
    for (let row = 0; row * channels < kernel.data.length; row++) {
      data.set(kernel.data.subarray(row * channels, (row + 1) * channels), row * outputs + from);
    }
    bias.set(own, from);
    from += channels;
  }
  return { kernel: { shape: [height, width, inputs, outputs], data }, bias };
}

/** The opposite: a grouped convolution as one convolution a group. */
export function splitGroups({ kernel, bias }: FoldedConvolution, groups: number): FoldedConvolution[] {
  if (groups === 1) return [{ kernel, bias }];
  const [height, width, inputs, outputs] = kernel.shape;
  const size = outputs / groups;
  return Array.from({ length: groups }, (_, group) => {
    const from = group * size;
    const data = new Float64Array(height * width * inputs * size);
    for (let row = 0; row < height * width * inputs; row++) {
      data.set(kernel.data.subarray(row * outputs + from, row * outputs + from + size), row * size);
    }
    return { kernel: { shape: [height, width, inputs, size], data }, bias: bias.slice(from, from + size) };
  });
}

/** Transform V (Ding et al. 2021, eq. 9): average pooling as a convolution, 1/K² where a channel meets itself. `[K, K, channels / groups, channels]` */
export function averageKernel(size: number, channels: number, groups: number): Kernel64 {
  const inputs = channels / groups;
  const data = new Float64Array(size * size * inputs * channels);
  for (let pixel = 0; pixel < size * size; pixel++) {
    for (let o = 0; o < channels; o++) data[(pixel * inputs + (o % inputs)) * channels + o] = 1 / size ** 2;
  }
  return { shape: [size, size, inputs, channels], data };
}

/**
 * Transforms III and V in one: a 1x1 convolution and KxK average pooling behind it. V's kernel is zero but for its diagonal, so
 * every tap of their product is F1/K²; multiplying it out would cost K²·inputs·outputs² for nothing.
 * @throws Error if the convolution is not 1x1.
 */
export function foldAverage({ kernel, bias }: FoldedConvolution, size: number): FoldedConvolution {
  const [height, width, inputs, outputs] = kernel.shape;
  if (height !== 1 || width !== 1) {
    throw new Error(`a kernel of [${kernel.shape}] stands before average pooling; expected a 1x1 kernel`);
  }
  const tap = kernel.data.map((value) => value / size ** 2);
  const data = new Float64Array(size * size * tap.length);
  for (let pixel = 0; pixel < size * size; pixel++) data.set(tap, pixel * tap.length);
  return { kernel: { shape: [size, size, inputs, outputs], data }, bias };
}

/** Transform VI (Ding et al. 2021, section 3.2): a smaller kernel, square or not, in the middle of a KxK one of zeros. @throws Error if it is larger, or its centre is not a pixel. */
export function embed(kernel: Kernel64, size: number): Kernel64 {
  const [height, width, inputs, outputs] = kernel.shape;
  if (height > size || width > size || (size - height) % 2 === 1 || (size - width) % 2 === 1) {
    throw new Error(`a ${height}x${width} kernel has no place in the middle of a ${size}x${size} one`);
  }
  const [top, left] = [(size - height) / 2, (size - width) / 2];
  const row = width * inputs * outputs;
  const data = new Float64Array(size * size * inputs * outputs);
  for (let h = 0; h < height; h++) {
    data.set(kernel.data.subarray(h * row, (h + 1) * row), ((top + h) * size + left) * inputs * outputs);
  }
  return { shape: [size, size, inputs, outputs], data };
}

/** A kernel with its taps `dilation` pixels apart and zeros between them: a 3x3 one at dilation 2 is a 5x5 one. */
export function dilate({ shape, data }: Kernel64, dilation: number): Kernel64 {
  const [height, width, inputs, outputs] = shape;
  const [rows, columns] = [(height - 1) * dilation + 1, (width - 1) * dilation + 1];
  const tap = inputs * outputs;
  const spread = new Float64Array(rows * columns * tap);
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) {
      const from = (h * width + w) * tap;
      spread.set(data.subarray(from, from + tap), (h * dilation * columns + w * dilation) * tap);
    }
  }
  return { shape: [rows, columns, inputs, outputs], data: spread };
}

/** The 1x1 kernel that hands every channel on, `[1, 1, channels / groups, channels]`. */
export function identityKernel64(channels: number, groups: number): Kernel64 {
  const inputs = channels / groups;
  const data = new Float64Array(inputs * channels);
  for (let o = 0; o < channels; o++) data[(o % inputs) * channels + o] = 1;
  return { shape: [1, 1, inputs, channels], data };
}

/** A kernel as a convolution without bias. */
export const withoutBias = (kernel: Kernel64): FoldedConvolution => ({
  kernel,
  bias: new Float64Array(kernel.shape[3]),
});
