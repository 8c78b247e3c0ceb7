import type { BlockGeometry } from './block.js';
import type { FoldedConvolution } from './kernel.js';
import type { InferenceNorm } from './kernel.js';
import type { Part } from './part.js';

/** A branch ready to be folded: its linear part and the batch-norm behind it. */
export interface FoldableBranch {
  readonly name: string;
  readonly linear: FoldedConvolution;
  readonly norm: InferenceNorm;
}

/** Turns a block's branches into one convolution. */
export interface Fuser<Options = unknown> extends Part<Options> {
  /** Returns the block's KxK convolution and bias in float64: what the sum of its branches computes at inference. */
  fuse(block: BlockGeometry, branches: readonly FoldableBranch[], options: Options): FoldedConvolution;
}
