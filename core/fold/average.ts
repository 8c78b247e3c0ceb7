import type { Kernel64 } from '../contracts/kernel.js';

/** Transform V (Ding et al. 2021, eq. 9): average pooling as a convolution, 1/K² where a channel meets itself. `[K, K, channels / groups, channels]` */
export function averageKernel(size: number, channels: number, groups: number): Kernel64 {
  const inputs = channels / groups;
  const data = new Float64Array(size * size * inputs * channels);
  for (let pixel = 0; pixel < size * size; pixel++) {
    for (let o = 0; o < channels; o++) data[(pixel * inputs + (o % inputs)) * channels + o] = 1 / size ** 2;
  }
  return { shape: [size, size, inputs, channels], data };
}
