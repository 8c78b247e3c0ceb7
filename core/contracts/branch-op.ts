import type { BlockGeometry, ImageSize } from './block.js';
import type { FoldedConvolution, InferenceNorm, Kernel64 } from './kernel.js';
import type { Part } from './part.js';
import type { Tensor } from './tensor.js';

/**
 * One linear branch of a block: what it computes while training, before the batch-norm that ends every branch, and the
 * single KxK convolution it is equal to. The closing batch-norm, gate and sum belong to the block, not to the op.
 */
export interface BranchOp<Options = unknown> extends Part<Options> {
  /** Whether a block of this geometry can have the branch (identity needs stride 1 and equal channel counts). */
  exists(block: BlockGeometry, options: Options): boolean;
  /** The learned kernels, in the order of use. */
  kernels(block: BlockGeometry, options: Options): readonly KernelSpec[];
  /** Batch-norms inside the branch, in the order of use; the closing one is not listed. Default: none. */
  norms?(block: BlockGeometry, options: Options): readonly NormSpec[];
  /**
   * The linear part in training and evaluation: `[N, H, W, inChannels]` to `[N, ⌈H/s⌉, ⌈W/s⌉, outChannels]`. Not called in every step:
   * the kernels that it ran may be run again alone. Nothing in it may differ from step to step but what it is given.
   */
  forward(input: FeatureMap, branch: BranchScope<Options>): FeatureMap;
  /** The same linear part as one KxK kernel and bias, from inference statistics, in float64. */
  fold(weights: BranchWeights, block: BlockGeometry, options: Options): FoldedConvolution;
  /** Multiply-adds of the linear part for one image of the given input size. */
  macs(block: BlockGeometry, options: Options, input: ImageSize): number;
}

/** A learned kernel, height x width x inputs (of one group) x outputs. */
export interface KernelSpec {
  /** Unique within the branch; `kernel` where there is only one. */
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** Input channels of one group. */
  readonly inputs: number;
  readonly outputs: number;
  /** Add the identity to the learned 1x1 kernel, which then starts at zero. Default: false. */
  readonly identity?: boolean;
}

/** A batch-norm inside a branch, which the block makes, trains and keeps the statistics of. */
export interface NormSpec {
  /** Unique within the branch. */
  readonly name: string;
  readonly channels: number;
}

/**
 * Images inside a branch. `value` may still lack its border and a constant per channel: what consumes the map adds both,
 * so that a border never costs a copy. Branch ops hand maps on without looking inside.
 */
export interface FeatureMap {
  /** `[N, H, W, C]` */
  readonly value: Tensor;
  /** Width in pixels of the border that the map brings along on each side; 0 for a plain image. */
  readonly border: number;
  /** Whether the border is still to be added, as zeros; false when `value` holds it already. */
  readonly pending: boolean;
  /** `[C]`, still to be added everywhere, the border included; absent when zero. Called when it is needed, and outside the gradient. */
  readonly constant?: () => Tensor;
}

/** How {@link BranchScope.convolve} moves a kernel over the images. */
export interface ConvolveOptions {
  /** Default: 1. */
  readonly stride?: number;
  /** Pixels from one tap of the kernel to the next. Default: 1. */
  readonly dilation?: number;
  /** Zeros on each side, height by height and width by width. Default: half the dilated kernel, rounded down, less the map's border. */
  readonly padding?: readonly [height: number, width: number];
}

/** What a branch computes with: its own kernels and norms, and convolution and pooling that know the block's groups. */
export interface BranchScope<Options = unknown> {
  readonly block: BlockGeometry;
  readonly options: Options;
  /** A learned kernel `[h, w, inputs, outputs]`, as the weight-sharing scheme gives it. */
  kernel(name: string): Tensor;
  /** Grouped convolution with explicit symmetric padding. */
  convolve(input: FeatureMap, kernel: Tensor, options?: ConvolveOptions): FeatureMap;
  /** Mean over size x size windows, border included in the divisor; padding is half the window, rounded down, less the map's border. */
  averagePool(input: FeatureMap, size: number, stride: number): FeatureMap;
  /** An inner batch-norm, followed by `border` pixels that hold its answer to a zero input, β − μγ/σ. */
  normalise(name: string, input: FeatureMap, border: number): FeatureMap;
}

/** A branch's state at inference, in float64, for folding. */
export interface BranchWeights {
  /** A learned kernel by the name that `kernels` gave it, an added identity included. @throws Error for another name. */
  kernel(name: string): Kernel64;
  /** A batch-norm inside the branch by the name that `norms` gave it, with its running statistics. @throws Error for another name. */
  norm(name: string): InferenceNorm;
}
