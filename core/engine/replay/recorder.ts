import * as tf from '@tensorflow/tfjs-core';
import { hold, tensorflow } from '../autodiff/engine.js';
import { type KernelListener, type KernelRun, withListener } from '../kernel-listener.js';
import type { Instruction, Recording, Slot, Source } from './recording.js';

/** Records the kernels of one pass. A tensor that no recorded kernel made is a constant. */
export class Recorder implements KernelListener {
  readonly #slots = new Map<number, Slot>();
  readonly #sources: Source[] = [];
  readonly #shared: Shared;
  #instructions: Instruction[] = [];
  #forward: readonly Instruction[] = [];
  #result: Slot = -1;
  #isFaithful = true;

  constructor(inputs: readonly tf.Tensor[], shared: Shared) {
    this.#shared = shared;
    for (const [index, input] of inputs.entries()) this.#name(input, input instanceof tf.Variable ? input : { index });
  }

  ran({ name, inputs, attributes, outputs, isComposed }: KernelRun): void {
    const { backendName } = tensorflow();
    const kernel = tf.getKernel(name, backendName);
    // Nothing would keep tensors that are passed where plain descriptions are expected.
    if (!kernel || isComposed) this.refuse();
    if (!kernel || !this.#isFaithful) return;
    const entries = Object.entries(inputs as Record<string, tf.Tensor | undefined>).filter(([, input]) => input);
    this.#instructions.push({
      kernel,
      names: Array.isArray(inputs) ? undefined : this.#shared.plain(entries.map(([input]) => input)),
      from: entries.map(([, input]) => this.#slotOf(input as tf.Tensor)),
      attributes: this.#shared.plain(attributes as tf.NamedAttrMap),
      to: outputs.map((output) => this.#name(output, 'made')),
      replaces: false,
    });
  }

  replaced(targets: readonly tf.Tensor[], now: readonly tf.Tensor[]): void {
    const last = this.#instructions.pop();
    if (!last) return;
    const to = targets.map((target) => this.#slotOf(target));
    this.#instructions.push({ ...last, to, replaces: true });
    for (const [index, { id }] of now.entries()) this.#slots.set(id, to[index] as Slot);
  }

  held(held: tf.Tensor, tensor: tf.Tensor): void {
    if (this.#isFaithful) this.#slots.set(held.id, this.#slotOf(tensor));
  }

  /** Refuses the recording: something happened that a replay could not repeat. */
  refuse(): void {
    this.#isFaithful = false;
  }

  /** Called with the result at the end of the forward pass. */
  turned(result: tf.Tensor): void {
    this.#forward = this.#instructions;
    this.#instructions = [];
    this.#result = this.#made(result) ?? -1;
  }

  /** Called with the gradient that the backward pass starts with. */
  began(dy: tf.Tensor): void {
    this.#name(dy, 'gradient');
  }

  /** Returns the recording at the end of the backward pass; undefined if a replay would not do the same. */
  finished(wanted: readonly number[], found: readonly (tf.Tensor | undefined)[]): Recording | undefined {
    const gradients = found.map((gradient) => gradient && this.#made(gradient));
    return this.#isFaithful
      ? {
          sources: this.#sources,
          forward: this.#forward,
          backward: this.#instructions,
          result: this.#result,
          wanted,
          gradients,
        }
      : undefined;
  }

  /** Returns an index for a result that is to become a tensor. */
  #made(tensor: tf.Tensor): Slot | undefined {
    const slot = this.#slots.get(tensor.id);
    if (slot === undefined || this.#sources[slot] !== 'made') this.refuse();
    return slot;
  }

  #name(tensor: tf.Tensor, source: Source): Slot {
    const slot = this.#sources.push(source) - 1;
    this.#slots.set(tensor.id, slot);
    return slot;
  }

  #slotOf(tensor: tf.Tensor): Slot {
    const known = this.#slots.get(tensor.id);
    if (known !== undefined) return known;
    if (tensor instanceof tf.Variable) return this.#name(tensor, tensor);
    const constant = this.#shared.constant(tensor);
    if (!constant) this.refuse();
    return this.#name(tensor, constant ?? 'made');
  }
}

/** Limits beyond which constants are not shared: values each, and number. */
const MOST = { values: 2 ** 20, constants: 2 ** 8 };

/** Keeps once what many recordings share. The blocks of a supernet see hundreds of branch sets. */
export class Shared {
  readonly #constants: { readonly tensor: tf.Tensor; readonly values: Float32Array }[] = [];
  readonly #plain = new Map<string, object>();
  readonly #numbers = new WeakMap<object, number>();
  #count = 0;

  /** Returns a held tensor with the same values; undefined if there are too many, or if it is not float32. */
  constant(tensor: tf.Tensor): tf.Tensor | undefined {
    if (tensor.size > MOST.values || tensor.dtype !== 'float32') return undefined;
    const values = Float32Array.from(tensorflow().backend.readSync(tensor.dataId) as Float32Array);
    const same = ({ tensor: { shape }, values: known }: { tensor: tf.Tensor; values: Float32Array }): boolean =>
      equal(shape, tensor.shape) && equal(known, values);
    const found = this.#constants.find(same);
    if (found) return found.tensor;
    if (this.#constants.length >= MOST.constants) return undefined;
    const held = withListener(undefined, () => hold(tensor));
    this.#constants.push({ tensor: held, values });
    return held;
  }

  /** Returns an equal object or list of plain values; equal arrays of numbers inside are shared too. */
  plain<Value extends object>(value: Value): Value {
    const key = JSON.stringify(value, (_, part) => this.#written(part));
    const known = this.#plain.get(key);
    if (known) return known as Value;
    this.#plain.set(key, value);
    return value;
  }

  /** Key that tells values apart as JSON does. */
  #written(part: unknown): unknown {
    if (typeof part === 'number' && !Number.isFinite(part)) return `${part}`;
    if (!ArrayBuffer.isView(part)) return part;
    const number = this.#numbers.get(part) ?? this.#count++;
    this.#numbers.set(part, number);
    return { array: number };
  }

  dispose(): void {
    this.#plain.clear();
    for (const { tensor } of this.#constants.splice(0)) tensor.dispose();
  }
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}
