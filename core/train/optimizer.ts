import type * as tf from '@tensorflow/tfjs-core';
import type { State } from '../contracts/state.js';

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
