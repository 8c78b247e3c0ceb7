import type { ParameterView } from './network.js';
import type { Part } from './part.js';
import type { RandomStream } from './random.js';
import type { Gate } from './search-space.js';
import type { State } from './state.js';

/** Ranks the gates of a supernet, and learns to rank them better. */
export interface ImportanceEstimator<Options = unknown> extends Part<Options> {
  /** Starts a search with all gates equal. Scores, masks and gradients are in the order of `gates` from then on. */
  start(gates: readonly Gate[], options: Options): ImportanceSession;
}

export interface ImportanceSession extends State {
  /**
   * Scores every gate, higher is better. With a stream (while searching) it adds noise; without (when deciding) it does
   * not.
   */
  rank(noise?: RandomStream): Float64Array;
  /** Forward value of each gate, from the ranks of this step and the mask. Default: 1 for kept gates. */
  values?(ranks: Float64Array, mask: Uint8Array): Float64Array;
  /** Learns from one step. Called after the backward pass, not in warm-up. */
  learn(feedback: ImportanceFeedback): void;
}

/** What one step tells about the gates; arrays are in their order. */
export interface ImportanceFeedback {
  readonly ranks: Float64Array;
  readonly mask: Uint8Array;
  /** dLoss/dgate for kept gates, 0 for others. */
  readonly gateGradients: Float64Array;
  /** Progress of the search phase, 0 at its first step, 1 after its last. */
  readonly progress: number;
  readonly parameters: ParameterView;
}
