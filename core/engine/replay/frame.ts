import type * as tf from '@tensorflow/tfjs-core';
import { release, type Values } from './run.js';

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
