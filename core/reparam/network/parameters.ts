/**
 * The parameters of a network by name, and their initial values.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelSpec } from '../../contracts/branch-op.js';
import type { ParameterRole } from '../../contracts/network.js';
import type { RandomStream } from '../../contracts/random.js';

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

/** Normal with variance 2 / fan-in (He et al. 2015, eq. 10), fan-in counted within one group. */
export function heNormal(shape: readonly [number, number, number, number], random: RandomStream): Float32Array {
  const [height, width, inputs, outputs] = shape;
  const deviation = Math.sqrt(2 / (height * width * inputs));
  return Float32Array.from({ length: height * width * inputs * outputs }, () => deviation * random.normal());
}

/** Uniform in ±1/√inputs, as torch.nn.Linear. */
export function linearUniform(inputs: number, length: number, random: RandomStream): Float32Array {
  const bound = 1 / Math.sqrt(inputs);
  return Float32Array.from({ length }, () => bound * (2 * random.uniform() - 1));
}

const identities = new Map<string, Float32Array>();

/**
 * The 1x1 kernel that hands every channel on, `[1, 1, inputs, outputs]` with inputs those of one group. The same array each time,
 * since every step asks for it: to be read only.
 */
export function identityKernel({ inputs, outputs }: Pick<KernelSpec, 'inputs' | 'outputs'>): Float32Array {
  const key = `${inputs} ${outputs}`;
  let kernel = identities.get(key);
  if (!kernel) {
    kernel = new Float32Array(inputs * outputs);
    for (let output = 0; output < outputs; output++) kernel[(output % inputs) * outputs + output] = 1;
    identities.set(key, kernel);
  }
  return kernel;
}

/** Initial running statistics of a batch-norm: mean 0, variance 1. */
export function freshStatistics(channels: number): Float32Array {
  return new Float32Array(2 * channels).fill(1, channels);
}
