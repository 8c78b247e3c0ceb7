import type { ImportanceSession } from '../contracts/importance-estimator.js';
import type { Gate } from '../contracts/search-space.js';
import type { Lab } from '../contracts/lab.js';
import type { Phase, StrategySession } from '../contracts/strategy.js';
import type { Supernet } from '../reparam/network/supernet.js';
import type { Optimizer } from './optimizer.js';
import type { Schedule } from './schedule.js';
import type { TrainingBatch } from './step.js';

/** The parts that a training is made of. */
export interface TrainingPlan {
  readonly supernet: Supernet;
  readonly strategy: StrategySession;
  readonly importance: ImportanceSession;
  readonly gates: readonly Gate[];
  /** Whether the strategy decides by the importance estimator's ranks. */
  readonly ranked: boolean;
  readonly phases: readonly Phase[];
  readonly optimizer: Optimizer;
  /** Over all epochs of the run. */
  readonly learningRate: Schedule;
  readonly weightDecay: Schedule;
  /** Largest joint norm of the gradients. */
  readonly clip: number | false;
  readonly stepsPerEpoch: number;
  /** Batches of an epoch of the run, from the given one on. */
  batches(epoch: number, from: number): AsyncIterable<TrainingBatch>;
  /** Accuracy and mean loss on the test images, unfused. */
  evaluate(): Promise<{ readonly accuracy: number; readonly loss: number; readonly images: number }>;
  /** Epochs between evaluations of a network whose architecture is decided; the last epoch is always evaluated. */
  readonly evaluateEvery: number;
  readonly lab: Lab;
  /** Initial scale of a closing batch-norm. */
  gamma(block: string, branch: string): number;
}
