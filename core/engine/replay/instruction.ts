import type * as tf from '@tensorflow/tfjs-core';

/** Index of a value. */
export type Slot = number;

/** A tensor that a pass receives. */
export interface Input {
  readonly index: number;
}

/**
 * Origin of a value: an input of the pass, a variable or a constant, an output of an instruction, or the gradient that
 * the backward half starts with.
 */
export type Source = Input | tf.Tensor | 'made' | 'gradient';

/** One run of a kernel. */
export interface Instruction {
  readonly kernel: tf.KernelConfig;
  /** Names of the inputs, one list shared by all equal ones; undefined if they are positional. */
  readonly names: readonly string[] | undefined;
  readonly from: readonly Slot[];
  /** One object shared by all equal ones. */
  readonly attributes: tf.NamedAttrMap;
  /** Indices of the outputs. */
  readonly to: readonly Slot[];
  /** True if outputs, if there are any, replace existing values. */
  readonly replaces: boolean;
}
