import type * as tf from '@tensorflow/tfjs-core';
import type { BlockNode } from '../../contracts/network.js';
import type { Branch } from '../network/branch.js';
import type { PadStatistics } from '../network/norm.js';
import type { ParameterStore } from '../network/parameters.js';

/** One block in a training step. */
export interface BlockPass {
  readonly node: BlockNode;
  /** Those that take part, in order. */
  readonly branches: readonly Branch[];
  readonly store: ParameterStore;
  readonly x: tf.Tensor4D;
  /** `[branches]`, watched by the gradient. */
  readonly gates: tf.Tensor1D;
  readonly padStatistics: PadStatistics;
}

/**
 * A method of computing y = act(Σ z_b · BN_b(branch_b(x))) with this batch's statistics, and of updating the running ones. All methods
 * give the same outputs, gradients and statistics; they differ in time and memory.
 */
export type BlockForward = (pass: BlockPass) => tf.Tensor4D;
