/**
 * The optimizers that a config can name, SGD and Adam, and the state that they keep of every parameter. Both follow the classes of
 * torch.optim; both leave a parameter without a gradient as it is, weight decay included, since a step trains only the branches that
 * its gates chose.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { State, StateRecord } from '../contracts/state.js';
import { momentumSteps } from '../engine/index.js';
import type { ParameterStore, StoredRole } from '../reparam/network/parameters.js';

export interface SgdOptions {
  readonly name: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Decay of batch-norms and biases too; default false, as the released code. */
  readonly decayNormAndBias: boolean;
}

export interface AdamOptions {
  readonly name: 'adam';
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly decayNormAndBias: boolean;
}

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

/** Makes the optimizer that a config names. */
export const createOptimizer = (options: SgdOptions | AdamOptions, store: ParameterStore): Optimizer =>
  options.name === 'sgd' ? new Sgd(options, store) : new Adam(options, store);

/** One variable for each parameter, of its shape: the velocity of SGD, say. Zeros when first asked for. */
class OptimizerState {
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
const decays = (role: StoredRole, all: boolean): boolean => all || role === 'kernel' || role === 'weight';

/** SGD with momentum, as torch.optim.SGD. */
class Sgd implements Optimizer {
  readonly #options: SgdOptions;
  readonly #store: ParameterStore;
  readonly #velocity = new OptimizerState();

  constructor(options: SgdOptions, store: ParameterStore) {
    this.#options = options;
    this.#store = store;
  }

  step(gradients: ReadonlyMap<string, tf.Tensor>, scale: tf.Scalar, { learningRate, weightDecay }: StepRates): void {
    const { momentum, nesterov, decayNormAndBias } = this.#options;
    for (const names of chunks([...gradients.keys()], (name) => this.#store.get(name).size)) {
      const variables = names.map((name) => this.#store.get(name));
      const velocities = names.map((name, index) => this.#velocity.get(name, variables[index] as tf.Variable));
      const weightDecays = names.map((name) => (decays(this.#store.role(name), decayNormAndBias) ? weightDecay : 0));
      const directions = names.map((name) => gradients.get(name) as tf.Tensor);
      momentumSteps(variables, directions, velocities, scale, { learningRate, momentum, weightDecays, nesterov });
    }
  }

  prune(): void {
    this.#velocity.prune((name) => this.#store.has(name));
  }

  save(): StateRecord {
    return { arrays: this.#velocity.save('velocity:'), values: {} };
  }

  restore(record: StateRecord): void {
    this.#velocity.restore('velocity:', record, this.#store);
  }

  dispose(): void {
    this.#velocity.prune(() => false);
  }
}

/** Number of values that are moved at once: few calls, and never a second copy of the whole network. */
const CHUNK = 2 ** 18;

/** Groups neighbours as long as they hold no more than `CHUNK` values together. */
function chunks(names: readonly string[], sizeOf: (name: string) => number): string[][] {
  const all: string[][] = [];
  let room = 0;
  for (const name of names) {
    const size = sizeOf(name);
    const last = all.at(-1);
    if (last && size <= room) last.push(name);
    else {
      all.push([name]);
      room = CHUNK;
    }
    room -= size;
  }
  return all;
}

/** Adam (Kingma and Ba 2015, algorithm 1) with weight decay added to the gradient, as torch.optim.Adam. */
class Adam implements Optimizer {
  readonly #options: AdamOptions;
  readonly #store: ParameterStore;
  readonly #first = new OptimizerState();
  readonly #second = new OptimizerState();
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
      const moments = { first: this.#first.get(name, variable), second: this.#second.get(name, variable) };
      const [parameter, first, second] = tf.tidy(() => {
        const gradient = tf.add(tf.mul(raw, scale), tf.mul(variable, decay));
        const m = tf.add(tf.mul(moments.first, beta1), tf.mul(gradient, 1 - beta1));
        const v = tf.add(tf.mul(moments.second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
        const unbiased = tf.sqrt(tf.div(v, 1 - beta2 ** count));
        const change = tf.div(tf.mul(m, learningRate / (1 - beta1 ** count)), tf.add(unbiased, epsilon));
        return [tf.sub(variable, change), m, v] as [tf.Tensor, tf.Tensor, tf.Tensor];
      });
      variable.assign(parameter);
      moments.first.assign(first);
      moments.second.assign(second);
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
