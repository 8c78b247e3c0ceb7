import type * as tf from '@tensorflow/tfjs-core';
import { hold } from '../engine.js';
import { observed } from '../kernel-observer.js';

/** Constants of more values, or more constants, are not worth keeping. */
const MOST = { values: 2 ** 20, constants: 2 ** 8 };

/** Tensors with the same values in every pass, held once each. */
export class Constants {
  readonly #held: { readonly tensor: tf.Tensor; readonly values: ArrayLike<number> }[] = [];

  /** A held tensor with these values; undefined where they are too many, or not float32. */
  like(tensor: tf.Tensor): tf.Tensor | undefined {
    if (tensor.size > MOST.values || tensor.dtype !== 'float32') return undefined;
    const values = Float32Array.from(tensor.dataSync());
    const same = this.#held.find(
      ({ tensor: { shape }, values: known }) => equal(shape, tensor.shape) && equal(known, values),
    );
    if (same) return same.tensor;
    if (this.#held.length >= MOST.constants) return undefined;
    const held = observed(undefined, () => hold(tensor));
    this.#held.push({ tensor: held, values });
    return held;
  }

  dispose(): void {
    for (const { tensor } of this.#held.splice(0)) tensor.dispose();
  }
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}
