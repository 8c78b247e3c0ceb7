import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import type { Input, Instruction, Slot, Source } from './instruction.js';

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
