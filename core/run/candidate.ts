import type { ResolvedConfig } from '../config/schema.js';
import type { OpenDataset } from '../contracts/dataset.js';
import type { NetworkGraph } from '../contracts/network.js';
import type { Chosen } from '../contracts/part.js';
import type { RandomSource } from '../contracts/random.js';
import type { Architecture } from '../contracts/search-space.js';
import type { Strategy } from '../contracts/strategy.js';
import { batchCount } from '../train/data/index.js';
import { Supernet } from '../reparam/network/supernet.js';
import { createLab } from '../train/lab.js';
import { createOptimizer } from '../train/create-optimizer.js';
import { constant, cosine, type Schedule, warmedUp } from '../train/schedule.js';
import { evaluate } from '../train/evaluate.js';
import { Training } from '../train/training.js';
import { blockSpaces, gatesOf, searchable } from '../reparam/network/gates.js';
import { allGates, type GateBudget, gateBudget } from '../reparam/network/gate-budget.js';
import { inputSizes } from '../reparam/network/cost.js';
import { imagesOf, type Images } from './images.js';
import type { RunParts } from '../config/run-parts.js';

export interface CandidatePlan {
  readonly config: ResolvedConfig;
  readonly parts: RunParts;
  readonly strategy: Chosen<Strategy>;
  readonly dataset: OpenDataset;
  readonly random: RandomSource;
  warn(message: string): void;
  /** Ends long searches between phases. */
  readonly signal?: AbortSignal | undefined;
}

/** One strategy with its own network, ready to be trained. */
export interface Candidate {
  readonly strategy: Chosen<Strategy>;
  readonly supernet: Supernet;
  readonly training: Training;
  readonly images: Images;
  readonly gates: number;
  readonly budget: GateBudget;
  /** Returns the branches that its strategy would keep now. */
  architecture(): Architecture;
  dispose(): void;
}

/**
 * Builds what one strategy needs from the parts of a config. @throws Error if they do not fit: a budget beyond the
 * gates, or a network too deep for the images.
 */
export function createCandidate(plan: CandidatePlan): Candidate {
  const { config, parts, strategy, dataset, random } = plan;
  const { train } = config;
  const graph: NetworkGraph = parts.backbone.definition.build(
    dataset.shape,
    dataset.classes.length,
    parts.backbone.options,
  );
  const spaces = blockSpaces(graph, parts.searchSpace, parts.branchOps);
  const gates = gatesOf(spaces);
  const supernet = new Supernet({
    graph,
    spaces,
    branchOps: parts.branchOps,
    plain: parts.plain,
    weightSharing: parts.weightSharing,
    normPlacement: strategy.definition.normPlacement,
    padStatistics: train.padStatistics,
    blockEvaluation: train.blockEvaluation,
    prefer: train.prefer,
    dropout: train.dropout,
    random,
  });
  const { plain } = parts;
  const network = { supernet, spaces, gates, plain, sizes: inputSizes(graph), batchSize: train.batchSize };
  const budget = strategy.definition.usesBudget ? gateBudget(config.budget, network) : allGates(gates.length);
  const { limit, costs } = budget;
  const importance = parts.importance.definition.start(gates, parts.importance.options, random);
  const session = strategy.definition.start(
    { spaces, blocks: searchable(graph), gates, budget: limit, costs, importance, random, warn: plan.warn },
    strategy.options,
  );
  const images = imagesOf(config, dataset, random, plan.warn);
  const optimizer = createOptimizer(train.optimizer, supernet.store);
  const phases = strategy.definition.phases(train.epochs, strategy.options);
  const epochs = phases.reduce((sum, phase) => sum + phase.epochs, 0);
  const training = new Training({
    supernet,
    strategy: session,
    importance,
    gates,
    ranked: strategy.definition.usesImportance,
    phases,
    optimizer,
    learningRate: learningRate(train, epochs),
    weightDecay: (train.weightDecaySchedule === 'cosine' ? cosine : constant)(train.optimizer.weightDecay),
    clip: train.clip,
    stepsPerEpoch: batchCount(images.trainingSize, train.batchSize, true),
    batches: images.training,
    evaluate: () => evaluate((batch) => supernet.infer(batch), graph.input, images.test()),
    evaluateEvery: train.evaluateEvery,
    lab: createLab({
      supernet,
      gates,
      fuser: parts.fuser,
      plain: parts.plain.definition.name,
      calibration: images.calibration,
      validation: images.validation,
      signal: plan.signal,
    }),
    gamma: (block, branch) =>
      session.initialGamma?.(block, branch) ??
      initialGamma(train.gamma, branch, supernet.blocks.branches(block).length),
  });
  const dispose = () => {
    optimizer.dispose();
    supernet.dispose();
  };
  return {
    strategy,
    supernet,
    training,
    images,
    gates: gates.length,
    budget,
    architecture: () => session.architecture(),
    dispose,
  };
}

function learningRate({ schedule, optimizer }: ResolvedConfig['train'], epochs: number): Schedule {
  if (schedule.name === 'constant') return constant(optimizer.learningRate);
  return warmedUp(cosine(optimizer.learningRate, schedule.final), Math.min(1, schedule.warmUpEpochs / epochs));
}

/** The config's `train.gamma` for one branch of a block of so many: 1 where it is alone. */
function initialGamma(gamma: ResolvedConfig['train']['gamma'], branch: string, branches: number): number {
  if (branches === 1) return 1;
  const chosen = typeof gamma === 'object' ? (gamma[branch] ?? gamma['others'] ?? 1) : gamma;
  return chosen === '1/branches' ? 1 / branches : chosen;
}
