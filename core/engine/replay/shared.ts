import type * as tf from '@tensorflow/tfjs-core';
import { hold, tensorflow } from '../autodiff/engine.js';
import { observed } from '../kernel-observer.js';

/** Constants of more values, or more constants, are not worth keeping. */
const MOST = { values: 2 ** 20, constants: 2 ** 8 };

/** What many recordings have in common, kept once: a supernet's blocks meet hundreds of sets of branches. */
export class Shared {
  readonly #constants: { readonly tensor: tf.Tensor; readonly values: Float32Array }[] = [];
  readonly #plain = new Map<string, object>();
  readonly #numbers = new WeakMap<object, number>();
  #count = 0;

  /** A held tensor with the same values; undefined where they are too many, or not float32. */
  constant(tensor: tf.Tensor): tf.Tensor | undefined {
    if (tensor.size > MOST.values || tensor.dtype !== 'float32') return undefined;
    const values = Float32Array.from(tensorflow().backend.readSync(tensor.dataId) as Float32Array);
    const same = ({ tensor: { shape }, values: known }: { tensor: tf.Tensor; values: Float32Array }): boolean =>
      equal(shape, tensor.shape) && equal(known, values);
    const found = this.#constants.find(same);
    if (found) return found.tensor;
    if (this.#constants.length >= MOST.constants) return undefined;
    const held = observed(undefined, () => hold(tensor));
    this.#constants.push({ tensor: held, values });
    return held;
  }

  /** An equal object or list of plain values; arrays of numbers within are equal where they are one. */
  plain<Value extends object>(value: Value): Value {
    const key = JSON.stringify(value, (_, part) => this.#written(part));
    const known = this.#plain.get(key);
    if (known) return known as Value;
    this.#plain.set(key, value);
    return value;
  }

  /** As JSON can tell it from others. */
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
