import type * as tf from '@tensorflow/tfjs-core';
import type { BlockNode } from '../../contracts/network.js';
import type { Branch } from '../network/branch.js';
import type { PadStatistics } from '../network/norm.js';
import type { ParameterStore } from '../network/parameters.js';

/** One block in a training step: what every method of computing it receives, and a key for what stays the same from step to step. */

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

/** Names blocks, their branches with what these train, and sizes; the same arrays of names are numbered once. */
export function passKeys(): (pass: BlockPass) => string {
  const numbers = new WeakMap<readonly string[], number>();
  let count = 0;
  const numberOf = (names: readonly string[]): number => {
    let number = numbers.get(names);
    if (number === undefined) {
      number = count++;
      numbers.set(names, number);
    }
    return number;
  };
  return ({ node, branches, x, padStatistics }) =>
    `${node.name} ${x.shape} ${padStatistics} ${branches.map((branch) => numberOf(branch.trained()))}`;
}
