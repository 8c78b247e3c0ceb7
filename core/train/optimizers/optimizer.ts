import * as tf from '@tensorflow/tfjs-core';
import type { State, StateRecord } from '../../contracts/state.js';
import type { ParameterStore, StoredRole } from '../../reparam/network/parameters.js';

// Defines optimizers and the state that most of them keep of every parameter. All of them leave a parameter without a gradient as it
// is, weight decay included, since a step trains only the branches that its gates chose.

/** Changes parameters by their gradients. */
export interface Optimizer extends State {
  /** Takes one step with every gradient times `scale` (clipping). */
  step(gradients: ReadonlyMap<string, tf.Tensor>, scale: tf.Scalar, rates: StepRates): void;
  /** Forgets parameters that the network no longer has. */
  prune(): void;
  dispose(): void;
}

/** Learning rate and weight decay of one step. */
export interface StepRates {
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** One variable for each parameter, of its shape: the velocity of SGD, say. Zeros when first asked for. */
export class OptimizerState {
  readonly #variables = new Map<string, tf.Variable>();

  get(parameter: string, like: tf.Tensor): tf.Variable {
    let variable = this.#variables.get(parameter);
    if (!variable) {
      variable = variableOf(() => tf.zerosLike(like));
      this.#variables.set(parameter, variable);
    }
    return variable;
  }

  prune(has: (parameter: string) => boolean): void {
    for (const [name, variable] of this.#variables) {
      if (has(name)) continue;
      variable.dispose();
      this.#variables.delete(name);
    }
  }

  save(prefix: string): Record<string, Float32Array> {
    return Object.fromEntries(
      [...this.#variables].map(([name, variable]) => [`${prefix}${name}`, Float32Array.from(variable.dataSync())]),
    );
  }

  restore(prefix: string, record: StateRecord, store: ParameterStore): void {
    this.prune(() => false);
    for (const [key, values] of Object.entries(record.arrays)) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      const { shape, size } = store.get(name);
      if (values.length !== size)
        throw new Error(`${key} should hold ${size} values, as ${name}; found ${values.length}`);
      this.#variables.set(
        name,
        variableOf(() => tf.tensor(Float32Array.from(values), shape)),
      );
    }
  }
}

const variableOf = (make: () => tf.Tensor): tf.Variable => tf.tidy(() => tf.variable(make(), false));

/** Returns true if weight decay applies to a parameter. */
export const decays = (role: StoredRole, all: boolean): boolean => all || role === 'kernel' || role === 'weight';
