import type * as tf from '@tensorflow/tfjs-core';
import { hold, tensorflow } from '../autodiff/engine.js';
import { withListener } from '../kernel-listener.js';

/** Limits beyond which constants are not shared: values each, and number. */
const MOST = { values: 2 ** 20, constants: 2 ** 8 };

/** What many recordings have in common, kept once. The blocks of a supernet see hundreds of branch sets. */
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
