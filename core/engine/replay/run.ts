import * as tf from '@tensorflow/tfjs-core';
import { tensorflow } from '../autodiff/engine.js';
import type { Instruction, Slot } from './instruction.js';

/** Value at each index. */
export type Values = (tf.TensorInfo | undefined)[];

/** An instruction, and the indices that nothing reads after it. */
export interface Step extends Instruction {
  readonly free: readonly Slot[];
}

/** Runs kernels in order. Kernels that a kernel runs in turn are not recorded. */
export function run(steps: readonly Step[], values: Values, backend: tf.KernelBackend): void {
  const { state } = tensorflow();
  state.kernelDepth++;
  try {
    for (const step of steps) {
      const { kernel, to, replaces, free } = step;
      const made = kernel.kernelFunc({ inputs: inputsOf(step, values), attrs: step.attributes, backend });
      if (!Array.isArray(made)) values[to[0] as Slot] = made;
      else if (replaces) for (let at = 0; at < made.length; at++) replace(values, to[at] as Slot, made[at], backend);
      else for (let at = 0; at < made.length; at++) values[to[at] as Slot] = made[at];
      for (const slot of free) {
        release(values[slot] as tf.TensorInfo, backend);
        values[slot] = undefined;
      }
    }
  } finally {
    state.kernelDepth--;
  }
}

/** Releases a value. A held tensor, or one of the pass, disposes itself. */
export function release(value: tf.TensorInfo, backend: tf.KernelBackend): void {
  if (value instanceof tf.Tensor) value.dispose();
  else backend.disposeData(value.dataId);
}

function inputsOf({ names, from }: Step, values: Values): tf.NamedTensorInfoMap {
  if (!names) return from.map((slot) => values[slot]) as unknown as tf.NamedTensorInfoMap;
  const inputs: tf.NamedTensorInfoMap = {};
  for (let at = 0; at < names.length; at++) inputs[names[at] as string] = values[from[at] as Slot];
  return inputs;
}

/** As `runReplacing` does. */
function replace(values: Values, slot: Slot, made: tf.TensorInfo | undefined, backend: tf.KernelBackend): void {
  const target = values[slot];
  if (!made || !target) return;
  if (!(target instanceof tf.Variable)) {
    release(target, backend);
    values[slot] = made;
    return;
  }
  const moved = tensorflow().makeTensorFromTensorInfo(made);
  target.assign(moved);
  moved.dispose();
}

/** The values of one pass, from its forward to its backward half. */
export class Frame {
  readonly values: Values;
  readonly #given: Readonly<Values>;
  readonly #backend: tf.KernelBackend;

  /** `given` is what every pass starts with and none releases. */
  constructor(given: Readonly<Values>, backend: tf.KernelBackend) {
    this.values = [...given];
    this.#given = given;
    this.#backend = backend;
  }

  /** Releases what is left. */
  dispose(): void {
    for (const [slot, value] of this.values.entries())
      if (value && value !== this.#given[slot]) release(value, this.#backend);
    this.values.fill(undefined);
  }
}
