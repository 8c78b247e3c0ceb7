import type { FoldedConvolution, Kernel64 } from '../../contracts/kernel.js';

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
