import type * as tf from '@tensorflow/tfjs-core';

/** One run of a kernel. */
export interface KernelRun {
  readonly name: string;
  /** By name or by position. */
  readonly inputs: object;
  readonly attributes: object;
  readonly outputs: readonly tf.Tensor[];
  /** True if it was composed of TensorFlow.js' own operations. */
  readonly isComposed: boolean;
}

/** Receives every kernel that runs at the top level. Kernels that a kernel runs in turn are part of it. */
export interface KernelListener {
  ran(run: KernelRun): void;
  /** The outputs of the last kernel, if it had any, replaced `targets`, which are now called `now`. */
  replaced(targets: readonly tf.Tensor[], now: readonly tf.Tensor[]): void;
  /** From now on `held` names the data of `tensor` as well. */
  held(held: tf.Tensor, tensor: tf.Tensor): void;
}

let current: KernelListener | undefined;

/** Returns the current listener. */
export const listener = (): KernelListener | undefined => current;

/** Makes a listener the only one while `work` runs. */
export function withListener<Result>(by: KernelListener | undefined, work: () => Result): Result {
  const before = current;
  current = by;
  try {
    return work();
  } finally {
    current = before;
  }
}
