import type { FoldedConvolution, InferenceNorm } from '../../contracts/kernel.js';

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
