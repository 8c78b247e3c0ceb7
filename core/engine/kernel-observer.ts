import type * as tf from '@tensorflow/tfjs-core';

/** One run of a kernel. */
export interface KernelRun {
  readonly name: string;
  /** By name, or by position. */
  readonly inputs: object;
  readonly attributes: object;
  readonly outputs: readonly tf.Tensor[];
  /** Whether it was put together of TensorFlow.js' own operations. */
  readonly isComposed: boolean;
}

/** Is told of every kernel that is run on the top level: what a kernel runs in turn is part of it. */
export interface KernelObserver {
  ran(run: KernelRun): void;
  /** The outputs of the kernel that ran last, if it had any, took the place of these tensors, which are called `now`. */
  replaced(targets: readonly tf.Tensor[], now: readonly tf.Tensor[]): void;
  /** The data of a tensor goes by another name from now on as well. */
  held(held: tf.Tensor, tensor: tf.Tensor): void;
}

let observing: KernelObserver | undefined;

/** Whoever is told at the moment. */
export const observer = (): KernelObserver | undefined => observing;

/** Tells an observer, and nobody else, of what `work` runs. */
export function observed<Result>(by: KernelObserver | undefined, work: () => Result): Result {
  const before = observing;
  observing = by;
  try {
    return work();
  } finally {
    observing = before;
  }
}
