import type { BlockGeometry } from './block.js';
import type { ImportanceSession } from './importance-estimator.js';
import type { Probe } from './probe.js';
import type { ParameterView } from './network.js';
import type { Part } from './part.js';
import type { RandomSource } from './random.js';
import type { Architecture, BlockSpace, Gate } from './search-space.js';
import type { State } from './state.js';

/** Decides which branches are active when. The loop trains, the importance estimator ranks. */
export interface Strategy<Options = unknown> extends Part<Options> {
  /** True if it uses the config's `importance`. A config that sets it for a strategy that ignores it is refused. */
  readonly usesImportance: boolean;
  /** True if it uses the config's `budget`. */
  readonly usesBudget: boolean;
  /**
   * When the budget holds: at every step, or once the last phase begins, so that a search may start from more branches.
   * @default 'always'
   */
  readonly budgetHolds?: 'always' | 'last-phase';
  /**
   * Kinds of budget that it can keep: a number of gates alone, or costs too ({@link StrategyContext.costs}). A budget by cost
   * is refused beside a strategy that counts gates.
   * @default 'gates'
   */
  readonly budgetIn?: 'gates' | 'costs';
  /** True if it measures masks on a validation split; a config without one is then refused. Default: false. */
  readonly needsValidation?: boolean;
  /** Where the batch-norms of searchable blocks stand. Default: `branches`. */
  readonly normPlacement?: NormPlacement;
  /** The phases and their epochs, from the config's `train.epochs`. */
  phases(epochs: EpochPlan, options: Options): readonly Phase[];
  /** Starts a run, before its first step. @throws Error if it cannot work with these blocks, gates or budget. */
  start(context: StrategyContext, options: Options): StrategySession;
}

/**
 * `branches`: a batch-norm behind each branch, and inside it where the op asks for one. `sum`: one batch-norm behind
 * the sum of the branches; each branch then has a scale per channel instead, and no batch-norm inside, so that a block
 * is one convolution at every training step (OREPA, arXiv 2204.00826, section 3.1).
 */
export type NormPlacement = 'branches' | 'sum';

/** The config's `train.epochs`. Strategies without a search train for their sum. */
export interface EpochPlan {
  readonly warmUp: number;
  readonly search: number;
  readonly frozen: number;
}

/** Epochs of one kind, such as warm-up, search, or training a frozen architecture. */
export interface Phase {
  readonly name: string;
  readonly epochs: number;
  /** True if the importance estimator learns after each step. */
  readonly searches: boolean;
}

/** The network and the parts that a strategy decides with. */
export interface StrategyContext {
  readonly spaces: readonly BlockSpace[];
  /** Convolution that each searchable block stands for, in the order of `spaces`. */
  readonly blocks: readonly BlockGeometry[];
  /**
   * All gates in a fixed order: blocks in order of execution, branches in the order of the config, without `always`
   * ones.
   */
  readonly gates: readonly Gate[];
  /**
   * Limit on the sum of the kept gates' costs. C, the number of gates that may be kept, if the budget counts gates;
   * all of them without a budget.
   */
  readonly budget: number;
  /** Cost of each gate, in the order of `gates`: 1 if the budget counts gates. */
  readonly costs: Float64Array;
  readonly importance: ImportanceSession;
  readonly random: RandomSource;
  /** Reports something to the user (an empty block rescued, for example), as a `warning` event. */
  warn(message: string): void;
}

/** What is active in one training step. */
export interface Selection {
  /** One byte per gate, 1 for kept. */
  readonly mask: Uint8Array;
  /** Forward value of each gate. Default: 1 for kept gates. */
  readonly values?: Float64Array;
  /** Ranks behind the mask, for the importance estimator and the events. */
  readonly ranks?: Float64Array;
}

/** Position in a run; all counters start at 0. */
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
  /** Chooses what is active in the coming step. Called once per training step, in order. */
  select(position: StepPosition): Selection;
  /** Initial scale of a branch: γ of its closing batch-norm, or its own scale without one. Default: 1. */
  initialGamma?(block: string, branch: string): number | undefined;
  /** Learns from a step, after the backward pass, in phases that search. */
  learn?(
    position: StepPosition,
    feedback: {
      readonly selection: Selection;
      readonly gateGradients: Float64Array;
      readonly parameters: ParameterView;
    },
  ): void;
  /** Factors for parameter gradients, by state name and of the parameter's size, applied before the optimizer. */
  gradientScale?(parameter: string, shape: readonly number[]): Float32Array | undefined;
  /**
   * Called before the first step of a phase. A returned architecture is frozen: other branches are dropped, and each
   * kept branch trains its own copy.
   */
  beforePhase?(phase: Phase, probe: Probe): Promise<Architecture | undefined>;
  /** Called after each epoch. A returned architecture takes effect at once (grow and cut while training). */
  afterEpoch?(position: StepPosition, probe: Probe): Promise<Architecture | undefined>;
  /** The branches that it would keep now. */
  architecture(): Architecture;
}
