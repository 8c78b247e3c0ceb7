import type * as tf from '@tensorflow/tfjs-core';

/** A place for a value. */
export type Slot = number;

/** One of the tensors that a pass is given. */
export interface Input {
  readonly index: number;
}

/**
 * Where a value comes from: the pass is given it, a variable or a constant holds it, an instruction makes it, or it is the gradient
 * that the backward half begins with.
 */
export type Source = Input | tf.Tensor | 'made' | 'gradient';

/** One run of a kernel. */
export interface Instruction {
  readonly kernel: tf.KernelConfig;
  /** Of the inputs, one list for all that are equal; undefined where they are known by position. */
  readonly names: readonly string[] | undefined;
  readonly from: readonly Slot[];
  /** One object for all that are equal. */
  readonly attributes: tf.NamedAttrMap;
  /** Where the outputs go. */
  readonly to: readonly Slot[];
  /** Whether outputs, if there are any, take the place of what is there. */
  readonly replaces: boolean;
}
