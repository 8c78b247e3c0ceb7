import type { StateRecord } from '../../core/contracts/index.js';
import { gateNumbers, savedNumber } from './gate-state.js';

export interface AdamOptions {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
}

/** Adam in float64 on one vector, weight decay added to the gradient, as torch.optim.Adam. */
export class VectorAdam {
  readonly values: Float64Array;
  #first: Float64Array;
  #second: Float64Array;
  #steps = 0;
  readonly #options: AdamOptions;

  constructor(size: number, options: AdamOptions) {
    this.values = new Float64Array(size);
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
    this.#options = options;
  }

  step(gradients: Float64Array, weightDecay: number, learningRate: number): void {
    const { betas, epsilon } = this.#options;
    const [beta1, beta2] = betas;
    this.#steps++;
    const unbias1 = 1 - beta1 ** this.#steps;
    const unbias2 = 1 - beta2 ** this.#steps;
    for (const [at, value] of this.values.entries()) {
      const gradient = (gradients[at] ?? 0) + weightDecay * value;
      const first = beta1 * (this.#first[at] ?? 0) + (1 - beta1) * gradient;
      const second = beta2 * (this.#second[at] ?? 0) + (1 - beta2) * gradient ** 2;
      this.#first[at] = first;
      this.#second[at] = second;
      this.values[at] = value - (learningRate / unbias1) * (first / (Math.sqrt(second / unbias2) + epsilon));
    }
  }

  save(): StateRecord {
    const arrays = { alpha: this.values.slice(), first: this.#first.slice(), second: this.#second.slice() };
    return { arrays, values: { steps: this.#steps } };
  }

  restore(record: StateRecord): void {
    const gates = this.values.length;
    this.values.set(gateNumbers(record, 'alpha', gates));
    this.#first = gateNumbers(record, 'first', gates);
    this.#second = gateNumbers(record, 'second', gates);
    this.#steps = savedNumber(record, 'steps');
  }
}
