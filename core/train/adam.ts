import * as tf from '@tensorflow/tfjs-core';
import type { StateRecord } from '../contracts/state.js';
import type { ParameterStore } from '../reparam/network/parameters.js';
import type { AdamOptions, Optimizer, StepRates } from './optimizer.js';
import { decays, Slots } from './slots.js';

/** Adam (Kingma and Ba 2015, algorithm 1) with weight decay added to the gradient, as torch.optim.Adam. */
export class Adam implements Optimizer {
  readonly #options: AdamOptions;
  readonly #store: ParameterStore;
  readonly #first = new Slots();
  readonly #second = new Slots();
  /** Steps taken by each parameter: gates leave most of them out of most steps. */
  #counts = new Map<string, number>();

  constructor(options: AdamOptions, store: ParameterStore) {
    this.#options = options;
    this.#store = store;
  }

  step(gradients: ReadonlyMap<string, tf.Tensor>, scale: tf.Scalar, { learningRate, weightDecay }: StepRates): void {
    const { betas, epsilon, decayNormAndBias } = this.#options;
    const [beta1, beta2] = betas;
    for (const [name, raw] of gradients) {
      const variable = this.#store.get(name);
      const count = (this.#counts.get(name) ?? 0) + 1;
      this.#counts.set(name, count);
      const decay = decays(this.#store.role(name), decayNormAndBias) ? weightDecay : 0;
      const own = { first: this.#first.get(name, variable), second: this.#second.get(name, variable) };
      const [parameter, first, second] = tf.tidy(() => {
        const gradient = tf.add(tf.mul(raw, scale), tf.mul(variable, decay));
        const m = tf.add(tf.mul(own.first, beta1), tf.mul(gradient, 1 - beta1));
        const v = tf.add(tf.mul(own.second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
        const unbiased = tf.sqrt(tf.div(v, 1 - beta2 ** count));
        const change = tf.div(tf.mul(m, learningRate / (1 - beta1 ** count)), tf.add(unbiased, epsilon));
        return [tf.sub(variable, change), m, v] as [tf.Tensor, tf.Tensor, tf.Tensor];
      });
      variable.assign(parameter);
      own.first.assign(first);
      own.second.assign(second);
      tf.dispose([parameter, first, second]);
    }
  }

  prune(): void {
    const has = (name: string) => this.#store.has(name);
    this.#first.prune(has);
    this.#second.prune(has);
    this.#counts = new Map([...this.#counts].filter(([name]) => has(name)));
  }

  save(): StateRecord {
    return {
      arrays: { ...this.#first.save('first:'), ...this.#second.save('second:') },
      values: { counts: Object.fromEntries(this.#counts) },
    };
  }

  restore(record: StateRecord): void {
    this.#first.restore('first:', record, this.#store);
    this.#second.restore('second:', record, this.#store);
    this.#counts = new Map(Object.entries((record.values['counts'] ?? {}) as Record<string, number>));
  }

  dispose(): void {
    this.#first.prune(() => false);
    this.#second.prune(() => false);
  }
}
