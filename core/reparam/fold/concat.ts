import type { FoldedConvolution } from '../../contracts/kernel.js';

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
