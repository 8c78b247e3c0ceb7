import type { BlockGeometry, ImageSize } from './block.js';
import type { FoldedConvolution, InferenceNorm, Kernel64 } from './kernel.js';
import type { Part } from './part.js';
import type { Tensor } from './tensor.js';

/**
 * One linear branch of a block: its forward pass in training, without the batch-norm that closes every branch, and the
 * single KxK
 * convolution that it equals. The closing batch-norm, the gate and the sum belong to the block.
 */
export interface BranchOp<Options = unknown> extends Part<Options> {
  /**
   * Returns true if a block of this geometry can have the branch (identity needs stride 1 and equal channel counts).
   */
  exists(block: BlockGeometry, options: Options): boolean;
  /** The learned kernels, in order of use. */
  kernels(block: BlockGeometry, options: Options): readonly KernelSpec[];
  /** Batch-norms inside the branch, in order of use, without the closing one. Default: none. */
  norms?(block: BlockGeometry, options: Options): readonly NormSpec[];
  /**
   * The linear part, in training and evaluation: `[N, H, W, inChannels]` to `[N, ⌈H/s⌉, ⌈W/s⌉, outChannels]`. It does
   * not run in every step, because its compute kernels may be replayed: it must depend on its arguments alone.
   */
  forward(input: FeatureMap, branch: BranchScope<Options>): FeatureMap;
  /** Folds the linear part into one KxK kernel and bias, in float64, from inference statistics. */
  fold(weights: BranchWeights, block: BlockGeometry, options: Options): FoldedConvolution;
  /** Multiply-adds of the linear part for one image of this size. */
  macs(block: BlockGeometry, options: Options, input: ImageSize): number;
}

/** A learned kernel, height x width x inputs (of one group) x outputs. */
export interface KernelSpec {
  /** Unique within the branch; `kernel` if there is only one. */
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** Input channels per group. */
  readonly inputs: number;
  readonly outputs: number;
  /** Adds the identity to the learned 1x1 kernel, which then starts at zero. Default: false. */
  readonly identity?: boolean;
}

/** A batch-norm inside a branch. The block creates it, trains it and keeps its statistics. */
export interface NormSpec {
  /** Unique within the branch. */
  readonly name: string;
  readonly channels: number;
}

/**
 * Images inside a branch. `value` may still lack its border and a constant per channel; the operation that reads the
 * map adds both, so that a border never costs a copy. Branch ops pass maps on without looking inside.
 */
export interface FeatureMap {
  /** `[N, H, W, C]` */
  readonly value: Tensor;
  /** Pixels of border that the map has on each side; 0 for a plain image. */
  readonly border: number;
  /** True if the border, of zeros, is still to be added; false if `value` contains it. */
  readonly pending: boolean;
  /**
   * `[C]`: a constant still to be added everywhere, the border included; undefined for zero. Called when needed,
   * outside the gradient.
   */
  readonly constant?: () => Tensor;
}

/** How {@link BranchScope.convolve} moves a kernel over the images. */
export interface ConvolveOptions {
  /** Default: 1. */
  readonly stride?: number;
  /** Pixels from one tap of the kernel to the next. Default: 1. */
  readonly dilation?: number;
  /**
   * Zeros on each side, vertically and horizontally. Default: half the dilated kernel, rounded down, minus the map's
   * border.
   */
  readonly padding?: readonly [height: number, width: number];
}

/**
 * What a branch computes with: its own kernels and norms, and convolution and pooling that know the block's groups.
 * Interpreters of a branch implement it.
 */
export interface BranchScope<Options = unknown> {
  readonly block: BlockGeometry;
  readonly options: Options;
  /** Returns a learned kernel `[h, w, inputs, outputs]`, as the weight-sharing scheme gives it. */
  kernel(name: string): Tensor;
  /** Convolves, with the block's groups and explicit symmetric padding. */
  convolve(input: FeatureMap, kernel: Tensor, options?: ConvolveOptions): FeatureMap;
  /**
   * Averages over size x size windows; the border counts in the divisor. Padding is ⌊size/2⌋ minus the map's border.
   */
  averagePool(input: FeatureMap, size: number, stride: number): FeatureMap;
  /** Applies an inner batch-norm, then adds `border` pixels that hold its answer to a zero input, β − μγ/σ. */
  normalise(name: string, input: FeatureMap, border: number): FeatureMap;
}

/** A branch's state at inference, in float64, for folding. */
export interface BranchWeights {
  /** Returns a learned kernel by its name in `kernels`, with the identity added. @throws Error for an unknown name. */
  kernel(name: string): Kernel64;
  /**
   * Returns an inner batch-norm by its name in `norms`, with its running statistics. @throws Error for an unknown name.
   */
  norm(name: string): InferenceNorm;
}
