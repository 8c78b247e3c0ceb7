import * as tf from '@tensorflow/tfjs-core';
import { hold, tensorflow } from '../autodiff/engine.js';
import { type Instruction, isInput, type Recording, type Slot } from './recording.js';

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
