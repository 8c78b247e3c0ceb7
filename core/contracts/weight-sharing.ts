import type { BlockGeometry } from './block.js';
import type { KernelSpec } from './branch-op.js';
import type { Part } from './part.js';

/** Which variable holds a branch's kernel, and which window of it the branch sees. */
export interface KernelBinding {
  /** State name of the variable, below the block's name. */
  readonly parameter: string;
  /** `[height, width, inputs, outputs]` of that variable. */
  readonly shape: readonly [number, number, number, number];
  /** The part of it that is the branch's kernel; absent: all of it. */
  readonly window?: KernelWindow;
}

/** Rows and columns of a kernel. */
export interface KernelWindow {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Decides which branches of a block train one kernel between them while an architecture is searched. */
export interface WeightSharing<Options = unknown> extends Part<Options> {
  /** The variable that holds a branch's kernel. Branches that are given the same variable of a block train it between them. */
  bind(block: BlockGeometry, branch: string, kernel: KernelSpec, options: Options): KernelBinding;
}
