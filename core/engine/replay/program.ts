import * as tf from '@tensorflow/tfjs-core';
import { hold, tensorflow } from '../autodiff/engine.js';
import { Frame, run, type Step, type Values } from './run.js';
import type { Instruction, Slot } from './instruction.js';
import { isInput, type Recording } from './recording.js';

/** A recorded pass to replay: its kernels only, without TensorFlow.js' tensors, scopes and tape between them. */
export class Program {
  readonly #outcome: Pick<Recording, 'result' | 'wanted' | 'gradients'>;
  readonly #backend = tensorflow().backend;
  readonly #forward: readonly Step[];
  readonly #backward: readonly Step[];
  /** What every pass starts with: variables and constants. */
  readonly #given: Readonly<Values>;
  readonly #variables: readonly tf.Variable[];
  /** Indices of the inputs, and whether the backward half reads them; and whether it reads the result. */
  readonly #inputs: readonly { readonly slot: Slot; readonly index: number; readonly isRead: boolean }[];
  readonly #readsResult: boolean;
  readonly #dy: Slot;

  constructor(recording: Recording) {
    const { sources, forward, backward, result, wanted, gradients } = recording;
    this.#outcome = { result, wanted, gradients };
    this.#given = sources.map((source) => (source instanceof tf.Tensor ? source : undefined));
    this.#variables = sources.filter((source) => source instanceof tf.Variable);
    this.#dy = sources.indexOf('gradient');
    const later = new Set(backward.flatMap(({ from }) => from));
    this.#readsResult = later.has(result);
    this.#inputs = [...sources.entries()].flatMap(([slot, source]) =>
      isInput(source) ? [{ slot, index: source.index, isRead: later.has(slot) }] : [],
    );
    const outcomes = new Set(gradients);
    const isFreed = (slot: Slot): boolean => !(sources[slot] instanceof tf.Tensor) && !outcomes.has(slot);
    this.#forward = freeing(
      forward,
      (slot) => isFreed(slot) && slot !== result && !later.has(slot) && !isInput(sources[slot]),
    );
    this.#backward = freeing(backward, isFreed);
  }

  /** True if everything that it reads and runs on still exists. */
  get runs(): boolean {
    return this.#backend === tensorflow().backend && !this.#variables.some(({ isDisposed }) => isDisposed);
  }

  /** Computes the result, and keeps what the backward half reads. */
  forward(inputs: readonly tf.Tensor[]): { readonly result: tf.Tensor; readonly frame: Frame } {
    const frame = new Frame(this.#given, this.#backend);
    const { values } = frame;
    for (const { slot, index } of this.#inputs) values[slot] = inputs[index];
    try {
      run(this.#forward, values, this.#backend);
    } catch (error) {
      // The inputs belong to the caller.
      for (const { slot } of this.#inputs) values[slot] = undefined;
      frame.dispose();
      throw error;
    }
    const { result: place } = this.#outcome;
    const result = tensorflow().makeTensorFromTensorInfo(values[place] as tf.TensorInfo);
    values[place] = this.#readsResult ? hold(result) : undefined;
    for (const { slot, index, isRead } of this.#inputs)
      values[slot] = isRead ? hold(inputs[index] as tf.Tensor) : undefined;
    return { result, frame };
  }

  /**
   * Returns the gradients of the `wanted` inputs, undefined if the result does not depend on one. Takes ownership of
   * `dy`.
   * @throws Error if one is wanted that was not wanted when the pass was recorded.
   */
  backward({ values }: Frame, dy: tf.Tensor, wanted: readonly number[]): (tf.Tensor | undefined)[] {
    const { gradients, wanted: known } = this.#outcome;
    const places = wanted.map((input) => {
      const at = known.indexOf(input);
      if (at < 0)
        throw new Error(`a pass that runs again gives no gradient of input ${input}: none was asked for before`);
      return gradients[at];
    });
    values[this.#dy] = dy;
    run(this.#backward, values, this.#backend);
    return places.map((place) => {
      if (place === undefined) return undefined;
      const info = values[place] as tf.TensorInfo;
      values[place] = undefined;
      return tensorflow().makeTensorFromTensorInfo(info);
    });
  }
}

/** Adds to each instruction the values to release after it: those read or written for the last time. */
function freeing(instructions: readonly Instruction[], isFreed: (slot: Slot) => boolean): Step[] {
  const last = new Map(instructions.flatMap(({ from, to }, at) => [...from, ...to].map((slot) => [slot, at] as const)));
  const free = instructions.map((): Slot[] => []);
  for (const [slot, at] of last) if (isFreed(slot)) free[at]?.push(slot);
  return instructions.map((instruction, at) => ({ ...instruction, free: free[at] ?? [] }));
}
