import type { FoldedConvolution } from '../../contracts/kernel.js';

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
