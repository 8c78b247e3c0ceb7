import type { BlockGeometry } from './block.js';
import type { ImportanceSession } from './importance-estimator.js';
import type { ParameterView } from './network.js';
import type { Part } from './part.js';
import type { RandomSource } from './random.js';
import type { Architecture, BlockSpace, Gate } from './search-space.js';
import type { State } from './state.js';

/** Decides which branches are active when; the loop trains, the importance estimator ranks. */
export interface Strategy<Options = unknown> extends Part<Options> {
  /** Whether the config's `importance` is used; a config that names one for a strategy that ignores it is refused. */
  readonly usesImportance: boolean;
  /** Whether the config's `budget` is used. */
  readonly usesBudget: boolean;
  /**
   * When the budget holds: at every step, or once the last phase begins, so that a search may start from more branches.
   * @default 'always'
   */
  readonly budgetHolds?: 'always' | 'last-phase';
  /** Whether it measures masks on a validation split; a config without one is then refused. Default: false. */
  readonly needsValidation?: boolean;
  /** Where the batch-norms of searchable blocks stand. Default: `branches`. */
  readonly normPlacement?: NormPlacement;
  /** Epochs and kinds of the phases, from the config's `train.epochs`. */
  phases(epochs: EpochPlan, options: Options): readonly Phase[];
  /** Begins a run, before its first step. @throws Error when the blocks, gates or budget are not what it can work with. */
  start(context: StrategyContext, options: Options): StrategySession;
}

/**
 * `branches`: one behind each branch, and inside of it where the op says so. `sum`: one behind the sum of the branches, each
 * of which has a scale per channel instead and no batch-norm inside, so that a block is one convolution at every training step
 * (OREPA, arXiv 2204.00826, section 3.1).
 */
export type NormPlacement = 'branches' | 'sum';

/** The config's `train.epochs`. Strategies without a search train for the sum of the three. */
export interface EpochPlan {
  readonly warmUp: number;
  readonly search: number;
  readonly frozen: number;
}

/** Epochs of one kind: those of a warm-up, of a search, of a frozen architecture, say. */
export interface Phase {
  readonly name: string;
  readonly epochs: number;
  /** Whether the importance estimator learns after each step. */
  readonly searches: boolean;
}

/** The network and the parts that a strategy decides with. */
export interface StrategyContext {
  readonly spaces: readonly BlockSpace[];
  /** The convolution that each searchable block stands for, in the order of `spaces`. */
  readonly blocks: readonly BlockGeometry[];
  /** All gates in a fixed order: blocks in order of execution, branches in the order of the config, `always` ones left out. */
  readonly gates: readonly Gate[];
  /** C: how many gates may be kept; the number of gates where there is no budget. */
  readonly budget: number;
  readonly importance: ImportanceSession;
  readonly random: RandomSource;
  /** Tell people something (an empty block rescued, say); becomes a `warning` event. */
  warn(message: string): void;
}

/** What is active in one training step. */
export interface Selection {
  /** One byte a gate, 1 where kept. */
  readonly mask: Uint8Array;
  /** Forward value of each gate; absent: 1 where kept. */
  readonly values?: Float64Array;
  /** Ranks that led to the mask, for the importance estimator and the events. */
  readonly ranks?: Float64Array;
}

/** Where a run is; all of it counts from 0. */
export interface StepPosition {
  readonly phase: Phase;
  readonly phaseIndex: number;
  /** Counted over the whole run. */
  readonly step: number;
  readonly epoch: number;
  /** 0 at the phase's first step, towards 1 at its last. */
  readonly progress: number;
  /** Steps of the whole phase. */
  readonly phaseSteps: number;
}

export interface StrategySession extends State {
  /** What is active in the step to come. Called once for every training step, in order. */
  select(position: StepPosition): Selection;
  /** Initial scale of a branch: γ of the batch-norm that closes it, or its own scale where there is none. Default: 1. */
  initialGamma?(block: string, branch: string): number | undefined;
  /** After the backward pass of a step in a phase that searches. */
  learn?(
    position: StepPosition,
    feedback: {
      readonly selection: Selection;
      readonly gateGradients: Float64Array;
      readonly parameters: ParameterView;
    },
  ): void;
  /** Rescale parameter gradients before the optimiser sees them: factors by state name, of the parameter's size. */
  gradientScale?(parameter: string, shape: readonly number[]): Float32Array | undefined;
  /** Called before the first step of a phase; returning an architecture freezes it: other branches are dropped and each kept one trains its own copy. */
  beforePhase?(phase: Phase, lab: Lab): Promise<Architecture | undefined>;
  /** After each epoch; a returned architecture takes its place at once (grow and cut while training). */
  afterEpoch?(position: StepPosition, lab: Lab): Promise<Architecture | undefined>;
  /** The branches it would keep now. */
  architecture(): Architecture;
}

/** Images inside a network, `[N, H, W, C]`. */
export interface ObservedImages {
  readonly shape: readonly [images: number, height: number, width: number, channels: number];
  readonly data: Float32Array;
}

/** Experiments a strategy may make on the network between steps. */
export interface Lab {
  readonly parameters: ParameterView;
  /**
   * Measures a mask on the validation split with inherited weights, after recalibrating its batch-norms on training batches;
   * leaves the network as it was. `accuracy` is a fraction, `loss` the mean cross-entropy.
   * @throws Error when the config keeps no validation split, or a block is left without a branch.
   */
  evaluate(mask: Uint8Array): Promise<{ readonly accuracy: number; readonly loss: number }>;
  /**
   * Shows the images that every block reads at inference, for a few training batches one after another; leaves the network
   * as it was. The arrays belong to the network: what is to be kept has to be copied.
   */
  observe(visit: (block: BlockGeometry, images: ObservedImages) => void): Promise<void>;
  /**
   * Adds branches to blocks, each with `gamma` as its initial scale and with batch-norms measured on training batches, and
   * subtracts what they compute from the block's KxK branch: at inference every block computes the same as before.
   */
  grow(branches: Architecture, gamma: number): Promise<void>;
  /**
   * Drops branches of blocks after folding each into its block's KxK branch: at inference every block computes the same as
   * before. Cut what belongs together in one call: the KxK branches' statistics are measured once a call.
   * @throws Error when a block has no KxK branch, or is to lose it.
   */
  cut(branches: Architecture): Promise<void>;
}
