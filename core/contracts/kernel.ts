/** A convolution kernel in float64, laid out height, width, input channels of a group, output channels (HWIO). */
export interface Kernel64 {
  readonly shape: readonly [height: number, width: number, inputs: number, outputs: number];
  readonly data: Float64Array;
}

/** A convolution that has absorbed what follows it: kernel, and one bias per output channel. */
export interface FoldedConvolution {
  readonly kernel: Kernel64;
  /** `[outputs]` */
  readonly bias: Float64Array;
}

/** A batch-norm at inference, one value per channel. `variance` is the running, unbiased one. */
export interface InferenceNorm {
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly epsilon: number;
}
