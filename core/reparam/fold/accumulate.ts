import type { FoldedConvolution, InferenceNorm } from '../../contracts/kernel.js';

/** A convolution as it was trained, HWIO; reading float32 as it is saves a copy of every kernel. */
export interface Convolution {
  readonly kernel: {
    readonly shape: FoldedConvolution['kernel']['shape'];
    readonly data: Float64Array | Float32Array;
  };
  readonly bias: Float64Array;
}

/**
 * Transforms I, VI and II in one pass (Ding et al. 2021): adds to a KxK convolution, in place, what a smaller one of the same
 * channels and the batch-norm behind it compute. In float64, and without the three kernels that the transforms one by one make.
 * @throws Error if the channels differ, or the smaller kernel has no place in the middle.
 */
export function addFolded(target: FoldedConvolution, { kernel, bias }: Convolution, norm?: InferenceNorm): void {
  const [height, width, inputs, outputs] = kernel.shape;
  const [size, , wantedInputs, wantedOutputs] = target.kernel.shape;
  if (inputs !== wantedInputs || outputs !== wantedOutputs)
    throw new Error(`kernels of [${target.kernel.shape}] and [${kernel.shape}] cannot be summed`);
  if (height > size || width > size || (size - height) % 2 === 1 || (size - width) % 2 === 1)
    throw new Error(`a ${height}x${width} kernel has no place in the middle of a ${size}x${size} one`);
  const scale = new Float64Array(outputs).fill(1);
  const shift = Float64Array.from(bias);
  if (norm) {
    for (let o = 0; o < outputs; o++) {
      const factor = at(norm.gamma, o) / Math.sqrt(at(norm.variance, o) + norm.epsilon);
      scale[o] = factor;
      shift[o] = at(norm.beta, o) + (at(bias, o) - at(norm.mean, o)) * factor;
    }
  }
  const [top, left] = [(size - height) / 2, (size - width) / 2];
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) {
      const to = ((top + h) * size + left + w) * inputs * outputs;
      addScaled(target.kernel.data, to, kernel.data, (h * width + w) * inputs * outputs, inputs, scale);
    }
  }
  for (let o = 0; o < outputs; o++) target.bias[o] = at(target.bias, o) + at(shift, o);
}

/** Adds `rows` rows, each value times its column's scale. */
function addScaled(
  target: Float64Array,
  to: number,
  values: Float64Array | Float32Array,
  from: number,
  rows: number,
  scale: Float64Array,
): void {
  const columns = scale.length;
  for (let row = 0; row < rows; row++, to += columns, from += columns) {
    for (let o = 0; o < columns; o++)
      target[to + o] = (target[to + o] as number) + (values[from + o] as number) * (scale[o] as number);
  }
}

const at = (values: Float64Array, index: number): number => values[index] as number;
