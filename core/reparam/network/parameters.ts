import * as tf from '@tensorflow/tfjs-core';
import type { ParameterRole } from '../../contracts/network.js';

/** Trained numbers, and the running statistics of batch-norms (which are not trained but belong to the weights). */
export type StoredRole = ParameterRole | 'statistics';

interface Entry {
  readonly role: StoredRole;
  readonly variable: tf.Variable;
}

/** Everything that a network has learned, by state name (`BLOCK.BRANCH.kernel`, `BLOCK.BRANCH.norm.gamma` …). Owns its tensors. */
export class ParameterStore {
  readonly #entries = new Map<string, Entry>();

  add(name: string, role: StoredRole, shape: readonly number[], values: Float32Array): void {
    if (this.#entries.has(name)) throw new Error(`two parameters are named ${name}`);
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, [...shape], 'float32'), role !== 'statistics'));
    this.#entries.set(name, { role, variable });
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  get(name: string): tf.Variable {
    return this.#entry(name).variable;
  }

  role(name: string): StoredRole {
    return this.#entry(name).role;
  }

  /** Sorted, so that nothing depends on the order in which branches came and went. */
  names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  remove(name: string): void {
    this.#entry(name).variable.dispose();
    this.#entries.delete(name);
  }

  /** A copy of the values. */
  read(name: string): Float32Array {
    return Float32Array.from(this.get(name).dataSync());
  }

  /** @throws Error if the number of values does not fit the parameter's shape. */
  write(name: string, values: Float32Array): void {
    const variable = this.get(name);
    if (values.length !== variable.size) {
      throw new Error(`${name} has shape [${variable.shape}], ${variable.size} values; found ${values.length}`);
    }
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape, 'float32')));
  }

  dispose(): void {
    for (const { variable } of this.#entries.values()) variable.dispose();
    this.#entries.clear();
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`the network has no parameter named ${name}`);
    return entry;
  }
}
