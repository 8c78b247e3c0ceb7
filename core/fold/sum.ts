import type { FoldedConvolution } from '../contracts/kernel.js';

/** Transform II (Ding et al. 2021, eq. 3): convolutions of one shape that are summed are one convolution. @throws Error when shapes differ or there are none. */
export function foldSum(convolutions: readonly FoldedConvolution[]): FoldedConvolution {
  const [first, ...rest] = convolutions;
  if (!first) throw new Error('there is no convolution to sum; expected at least one branch');
  const kernel = Float64Array.from(first.kernel.data);
  const bias = Float64Array.from(first.bias);
  for (const other of rest) {
    if (other.kernel.shape.join() !== first.kernel.shape.join()) {
      throw new Error(
        `kernels of [${first.kernel.shape}] and [${other.kernel.shape}] cannot be summed; embed the smaller one`,
      );
    }
    for (const [at, value] of other.kernel.data.entries()) kernel[at] = (kernel[at] as number) + value;
    for (const [at, value] of other.bias.entries()) bias[at] = (bias[at] as number) + value;
  }
  return { kernel: { shape: first.kernel.shape, data: kernel }, bias };
}
