import type { ParameterView } from './network.js';
import type { Part } from './part.js';
import type { RandomSource, RandomStream } from './random.js';
import type { Gate } from './search-space.js';
import type { State } from './state.js';
import type { Probe } from './probe.js';

/** Ranks the gates of a supernet, and learns to rank them better. */
export interface ImportanceEstimator<Options = unknown> extends Part<Options> {
  /**
   * True if it measures gates on the validation split; a config without one is then refused.
   * @default false
   */
  readonly needsValidation?: boolean;
  /**
   * Starts a search. Scores, masks and gradients are in the order of `gates` from then on. `random` is for estimators that
   * draw scores; noise while searching comes with each call of `rank`.
   */
  start(gates: readonly Gate[], options: Options, random: RandomSource): ImportanceSession;
}

export interface ImportanceSession extends State {
  /**
   * Scores every gate, higher is better. With a stream (while searching) it adds noise; without (when deciding) it does
   * not.
   */
  rank(noise?: RandomStream): Float64Array;
  /** Forward value of each gate, from the ranks of this step and the mask. Default: 1 for kept gates. */
  values?(ranks: Float64Array, mask: Uint8Array): Float64Array;
  /** Learns from one step. Called after the backward pass of every step of a phase that searches. */
  learn(feedback: ImportanceFeedback): void;
  /**
   * Measures gates by experiment, between epochs, right before a strategy decides by `rank`. `mask` has the gates that are
   * active. Called by strategies that decide between epochs (`shrink`), not by those that draw a mask at every step.
   */
  examine?(mask: Uint8Array, probe: Probe): Promise<void>;
}

/** What one step tells about the gates; arrays are in their order. */
export interface ImportanceFeedback {
  readonly ranks: Float64Array;
  readonly mask: Uint8Array;
  /** dLoss/dgate for kept gates, 0 for others. */
  readonly gateGradients: Float64Array;
  /** Progress of the search phase, 0 at its first step, 1 after its last. */
  readonly progress: number;
  /** Steps of the whole search phase. */
  readonly phaseSteps: number;
  readonly parameters: ParameterView;
}
