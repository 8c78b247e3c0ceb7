import * as tf from '@tensorflow/tfjs-core';
import type { State, StateRecord } from '../contracts/state.js';
import type { ParameterStore } from '../reparam/network/parameters.js';

// The exponential moving average of the weights (Polyak and Juditsky 1992; as timm's ModelEma): what is evaluated, folded and exported
// in place of the weights themselves, if a config asks for it. Running statistics are averaged too. It begins when the architecture is
// decided, and anew when the architecture changes.

/** Averages the weights of one network. */
export class WeightAverage implements State {
  readonly #decay: number | false;
  readonly #store: ParameterStore;
  readonly #means = new Map<string, tf.Variable>();
  #steps = 0;

  /** @param decay part of the average that a step keeps; false to average nothing */
  constructor(decay: number | false, store: ParameterStore) {
    this.#decay = decay;
    this.#store = store;
  }

  /** Takes the weights after a step in. The first steps count more, so that the average does not remember where it began. */
  step(): void {
    if (this.#decay === false) return;
    this.#steps++;
    const keep = Math.min(this.#decay, this.#steps / (9 + this.#steps));
    for (const name of this.#store.names()) {
      const value = this.#store.get(name);
      const mean = this.#means.get(name);
      if (!mean) {
        this.#means.set(name, copyOf(value));
        continue;
      }
      const next = tf.tidy(() => tf.add(tf.mul(mean, keep), tf.mul(value, 1 - keep)));
      mean.assign(next);
      next.dispose();
    }
  }

  /** Forgets everything: the network has other parameters now. */
  reset(): void {
    for (const mean of this.#means.values()) mean.dispose();
    this.#means.clear();
    this.#steps = 0;
  }

  /** Works with the average in place of the weights, which are back afterwards. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#means.size === 0) return work();
    const weights = [...this.#means.keys()].map((name) => [name, this.#store.read(name)] as const);
    this.take();
    try {
      return await work();
    } finally {
      for (const [name, values] of weights) this.#store.write(name, values);
    }
  }

  /** Puts the average in the place of the weights, for good. */
  take(): void {
    for (const [name, mean] of this.#means) this.#store.write(name, Float32Array.from(mean.dataSync()));
  }

  save(): StateRecord {
    const arrays = [...this.#means].map(([name, mean]) => [name, Float32Array.from(mean.dataSync())] as const);
    return { arrays: Object.fromEntries(arrays), values: { steps: this.#steps } };
  }

  restore({ arrays, values }: StateRecord): void {
    this.reset();
    this.#steps = Number(values['steps'] ?? 0);
    for (const [name, saved] of Object.entries(arrays)) {
      const { shape } = this.#store.get(name);
      const restored = tf.tensor(Float32Array.from(saved), shape);
      this.#means.set(name, copyOf(restored));
      restored.dispose();
    }
  }
}

const copyOf = (tensor: tf.Tensor): tf.Variable => tf.tidy(() => tf.variable(tf.clone(tensor), false));
