import * as tf from '@tensorflow/tfjs-core';
import type { State, StateRecord } from '../contracts/state.js';
import type { ParameterStore, StoredRole } from '../network/parameters.js';
import { momentumSteps } from '../ops/index.js';

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

/** Changes parameters by their gradients. A parameter without a gradient stays as it is, weight decay included. */
export interface Optimizer extends State {
  /** `scale` multiplies every gradient (clipping). */
  step(gradients: ReadonlyMap<string, tf.Tensor>, scale: tf.Scalar, rates: StepRates): void;
  /** Forgets parameters that the network no longer has. */
  prune(): void;
  dispose(): void;
}

export interface StepRates {
  readonly learningRate: number;
  readonly weightDecay: number;
}

export const createOptimizer = (options: SgdOptions | AdamOptions, store: ParameterStore): Optimizer =>
  options.name === 'sgd' ? new Sgd(options, store) : new Adam(options, store);

const decays = (role: StoredRole, all: boolean): boolean => all || role === 'kernel' || role === 'weight';

/** Slots of an optimiser: tensors of a parameter's shape, made of zeros when first asked for. */
class Slots {
  readonly #tensors = new Map<string, tf.Tensor>();

  get(parameter: string, like: tf.Tensor): tf.Tensor {
    const slot = this.#tensors.get(parameter) ?? tf.keep(tf.zerosLike(like));
    this.#tensors.set(parameter, slot);
    return slot;
  }

  set(parameter: string, value: tf.Tensor): void {
    this.#tensors.get(parameter)?.dispose();
    this.#tensors.set(parameter, tf.keep(value));
  }

  prune(has: (parameter: string) => boolean): void {
    for (const [name, tensor] of this.#tensors) {
      if (has(name)) continue;
      tensor.dispose();
      this.#tensors.delete(name);
    }
  }

  save(prefix: string): Record<string, Float32Array> {
    return Object.fromEntries(
      [...this.#tensors].map(([name, tensor]) => [`${prefix}${name}`, Float32Array.from(tensor.dataSync())]),
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
      this.set(name, tf.tensor(Float32Array.from(values), shape));
    }
  }
}

/** SGD with momentum, as torch.optim.SGD. */
class Sgd implements Optimizer {
  readonly #options: SgdOptions;
  readonly #store: ParameterStore;
  readonly #velocity = new Slots();

  constructor(options: SgdOptions, store: ParameterStore) {
    this.#options = options;
    this.#store = store;
  }

  step(gradients: ReadonlyMap<string, tf.Tensor>, scale: tf.Scalar, { learningRate, weightDecay }: StepRates): void {
    for (const names of chunks([...gradients.keys()], (name) => this.#store.get(name).size)) {
      const own = names.map((name) => gradients.get(name) as tf.Tensor);
      this.#move(names, own, scale, { learningRate, weightDecay });
    }
  }

  /** Moves some parameters, by their gradients. */
  #move(
    names: readonly string[],
    gradients: readonly tf.Tensor[],
    scale: tf.Scalar,
    { learningRate, weightDecay }: StepRates,
  ): void {
    const { momentum, nesterov, decayNormAndBias } = this.#options;
    const variables = names.map((name) => this.#store.get(name));
    const velocities = names.map((name, index) => this.#velocity.get(name, variables[index] as tf.Variable));
    const weightDecays = names.map((name) => (decays(this.#store.role(name), decayNormAndBias) ? weightDecay : 0));
    const attributes = { learningRate, momentum, weightDecays, nesterov };
    const next = momentumSteps(variables, gradients, velocities, scale, attributes);
    for (const [index, name] of names.entries()) {
      this.#velocity.set(name, next.velocities[index] as tf.Tensor);
      const parameter = next.parameters[index] as tf.Tensor;
      variables[index]?.assign(parameter);
      parameter.dispose();
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

/** Values that are moved at once: few calls, and never a second copy of the whole network. */
const CHUNK = 2 ** 18;

/** Neighbours together as long as they hold no more than that. */
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
      const [parameter, first, second] = tf.tidy(() => {
        const gradient = tf.add(tf.mul(raw, scale), tf.mul(variable, decay));
        const m = tf.add(tf.mul(this.#first.get(name, variable), beta1), tf.mul(gradient, 1 - beta1));
        const v = tf.add(tf.mul(this.#second.get(name, variable), beta2), tf.mul(tf.square(gradient), 1 - beta2));
        const unbiased = tf.sqrt(tf.div(v, 1 - beta2 ** count));
        const change = tf.div(tf.mul(m, learningRate / (1 - beta1 ** count)), tf.add(unbiased, epsilon));
        return [tf.sub(variable, change), m, v] as [tf.Tensor, tf.Tensor, tf.Tensor];
      });
      this.#first.set(name, first);
      this.#second.set(name, second);
      variable.assign(parameter);
      parameter.dispose();
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
