import type * as tf from '@tensorflow/tfjs-core';
import type { StateRecord } from '../../contracts/state.js';
import { momentumSteps } from '../../engine/index.js';
import type { ParameterStore } from '../../reparam/network/parameters.js';
import { decays, type Optimizer, OptimizerState, type StepRates } from './optimizer.js';

export interface SgdOptions {
  readonly name: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Decay of batch-norms and biases too; default false, as the released code. */
  readonly decayNormAndBias: boolean;
}

/** SGD with momentum, as torch.optim.SGD. */
export class Sgd implements Optimizer {
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
