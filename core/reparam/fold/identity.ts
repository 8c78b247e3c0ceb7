import type { FoldedConvolution, Kernel64 } from '../../contracts/kernel.js';

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
