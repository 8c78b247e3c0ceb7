import type { FoldedConvolution } from '../../contracts/kernel.js';

/**
 * A KxK convolution that looks at every input channel alone, and a 1x1 one behind it that puts the channels together, are one dense
 * KxK convolution (OREPA's depthwise-separable branch): F'[h,w,i,o] = Σ_t F1[h,w,t]·F2[t,o] over the t that read channel i, with bias
 * Σ_t b1[t]·F2[t,o] + b2[o].
 *
 * @param inputs channels that the first one reads
 * @throws Error when the channels do not fit
 */
export function foldPointwise(first: FoldedConvolution, second: FoldedConvolution, inputs: number): FoldedConvolution {
  const [height, width, within, middle] = first.kernel.shape;
  const [one, same, read, outputs] = second.kernel.shape;
  const times = middle / inputs;
  if (one !== 1 || same !== 1 || within !== 1 || read !== middle || !Number.isInteger(times))
    throw new Error(
      `a kernel of [${first.kernel.shape}] before one of [${second.kernel.shape}]; expected one input a group of ${inputs}, and 1x1 with ${middle} inputs`,
    );
  const data = new Float64Array(height * width * inputs * outputs);
  const bias = second.bias.slice();
  for (let t = 0; t < middle; t++) {
    const row = second.kernel.data.subarray(t * outputs, (t + 1) * outputs);
    const input = Math.floor(t / times);
    for (let pixel = 0; pixel < height * width; pixel++) {
      const tap = first.kernel.data[pixel * middle + t] as number;
      addRow(data, (pixel * inputs + input) * outputs, row, tap);
    }
    addRow(bias, 0, row, first.bias[t] as number);
  }
  return { kernel: { shape: [height, width, inputs, outputs], data }, bias };
}

function addRow(target: Float64Array, at: number, row: Float64Array, factor: number): void {
  for (let o = 0; o < row.length; o++) target[at + o] = (target[at + o] as number) + factor * (row[o] as number);
}
