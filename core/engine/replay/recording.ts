/**
 * A recording of a pass: the kernels that it ran, and the values that went from one to the next, by index.
 */
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';

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

/** What a pass ran, forward and backward. */
export interface Recording {
  /** Origin of the value at each index. */
  readonly sources: readonly Source[];
  readonly forward: readonly Instruction[];
  readonly backward: readonly Instruction[];
  readonly result: Slot;
  /** Inputs (by position) whose gradients were wanted, and the indices of those gradients. */
  readonly wanted: readonly number[];
  readonly gradients: readonly (Slot | undefined)[];
}

/** Returns true if two recordings of a pass agree. */
export const sameRecording = (a: Recording, b: Recording): boolean =>
  alike(a.sources, b.sources, sameSource) &&
  alike(a.forward, b.forward, sameInstruction) &&
  alike(a.backward, b.backward, sameInstruction) &&
  isDeepStrictEqual([a.result, a.wanted, a.gradients], [b.result, b.wanted, b.gradients]);

const alike = <Item>(a: readonly Item[], b: readonly Item[], same: (a: Item, b: Item) => boolean): boolean =>
  a.length === b.length && a.every((item, index) => same(item, b[index] as Item));

const sameInstruction = (a: Instruction, b: Instruction): boolean =>
  a.kernel === b.kernel &&
  a.replaces === b.replaces &&
  // Equal ones are one object.
  a.names === b.names &&
  a.attributes === b.attributes &&
  isDeepStrictEqual([a.from, a.to], [b.from, b.to]);

const sameSource = (a: Source, b: Source): boolean => a === b || (isInput(a) && isInput(b) && a.index === b.index);

export const isInput = (source: Source | undefined): source is Input =>
  typeof source === 'object' && !(source instanceof tf.Tensor);
