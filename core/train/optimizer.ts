import type * as tf from '@tensorflow/tfjs-core';
import type { State } from '../contracts/state.js';
import type { ParameterStore } from '../reparam/network/parameters.js';
import { Adam } from './adam.js';
import { Sgd } from './sgd.js';

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
