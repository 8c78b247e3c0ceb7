import * as tf from '@tensorflow/tfjs-core';
import type { StateRecord } from '../contracts/state.js';
import type { ParameterStore, StoredRole } from '../reparam/network/parameters.js';

/** Slots of an optimiser: variables of a parameter's shape, zeros when first asked for. */
export class Slots {
  readonly #variables = new Map<string, tf.Variable>();

  get(parameter: string, like: tf.Tensor): tf.Variable {
    let slot = this.#variables.get(parameter);
    if (!slot) {
      slot = variableOf(() => tf.zerosLike(like));
      this.#variables.set(parameter, slot);
    }
    return slot;
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

/** Whether weight decay applies to a parameter. */
export const decays = (role: StoredRole, all: boolean): boolean => all || role === 'kernel' || role === 'weight';
