import type { BlockGeometry } from './block.js';
import type { KernelSpec } from './branch-op.js';
import type { Part } from './part.js';

/** Which variable holds a branch's kernel, and which window of it the branch uses. */
export interface KernelBinding {
  /** State name of the variable, below the block's name. */
  readonly parameter: string;
  /** `[height, width, inputs, outputs]` of that variable. */
  readonly shape: readonly [number, number, number, number];
  /** The window that is the branch's kernel. Default: all of the variable. */
  readonly window?: KernelWindow;
}

/** Rows and columns of a kernel. */
export interface KernelWindow {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Decides which branches of a block share a variable while an architecture is searched. */
export interface WeightSharing<Options = unknown> extends Part<Options> {
  /** Returns the variable for a branch's kernel. Branches of a block that get the same variable train it together. */
  bind(block: BlockGeometry, branch: string, kernel: KernelSpec, options: Options): KernelBinding;
}
