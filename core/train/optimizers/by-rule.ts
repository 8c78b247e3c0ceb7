import * as tf from '@tensorflow/tfjs-core';
import type { StateRecord } from '../../contracts/state.js';
import type { ParameterStore } from '../../reparam/network/parameters.js';
import { decays, type Optimizer, OptimizerState, type StepRates } from './optimizer.js';

// Optimizers that move each parameter by itself, from its gradient and some state of its shape, differ in one formula. It is a rule
// here; what surrounds it, the state, its saving and its pruning, is written once.

/** One parameter at one step. */
export interface RuleStep {
  readonly value: tf.Tensor;
  readonly gradient: tf.Tensor;
  /** In the order of the rule's `state`. */
  readonly state: readonly tf.Tensor[];
  /** Steps that this parameter has taken, this one included: gates leave most of them out of most steps. */
  readonly count: number;
  readonly learningRate: number;
  /** 0 where decay does not apply. */
  readonly weightDecay: number;
}

/** The formula of an optimizer. */
export interface Rule {
  /** Names of what it keeps of each parameter. */
  readonly state: readonly string[];
  /** Returns the new value, then the new state in its order. Called within `tf.tidy`. */
  update(step: RuleStep): readonly [value: tf.Tensor, ...state: tf.Tensor[]];
}

/** An optimizer made of a rule. */
export class ByRule implements Optimizer {
  readonly #rule: Rule;
  readonly #decayNormAndBias: boolean;
  readonly #store: ParameterStore;
  readonly #states: readonly OptimizerState[];
  #counts = new Map<string, number>();

  constructor(rule: Rule, decayNormAndBias: boolean, store: ParameterStore) {
    this.#rule = rule;
    this.#decayNormAndBias = decayNormAndBias;
    this.#store = store;
    this.#states = rule.state.map(() => new OptimizerState());
  }

  step(gradients: ReadonlyMap<string, tf.Tensor>, scale: tf.Scalar, { learningRate, weightDecay }: StepRates): void {
    for (const [name, raw] of gradients) {
      const variable = this.#store.get(name);
      const count = (this.#counts.get(name) ?? 0) + 1;
      this.#counts.set(name, count);
      const kept = this.#states.map((state) => state.get(name, variable));
      const changed = tf.tidy(() => [
        ...this.#rule.update({
          value: variable,
          gradient: tf.mul(raw, scale),
          state: kept,
          count,
          learningRate,
          weightDecay: decays(this.#store.role(name), this.#decayNormAndBias) ? weightDecay : 0,
        }),
      ]);
      for (const [at, tensor] of changed.entries()) {
        (at === 0 ? variable : (kept[at - 1] as tf.Variable)).assign(tensor);
        tensor.dispose();
      }
    }
  }

  prune(): void {
    const has = (name: string) => this.#store.has(name);
    for (const state of this.#states) state.prune(has);
    this.#counts = new Map([...this.#counts].filter(([name]) => has(name)));
  }

  save(): StateRecord {
    const arrays = this.#states.map((state, at) => state.save(`${this.#rule.state[at]}:`));
    return { arrays: Object.assign({}, ...arrays), values: { counts: Object.fromEntries(this.#counts) } };
  }

  restore(record: StateRecord): void {
    for (const [at, state] of this.#states.entries()) state.restore(`${this.#rule.state[at]}:`, record, this.#store);
    this.#counts = new Map(Object.entries((record.values['counts'] ?? {}) as Record<string, number>));
  }

  dispose(): void {
    for (const state of this.#states) state.prune(() => false);
  }
}
