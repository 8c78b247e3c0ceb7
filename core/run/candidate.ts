/**
 * One strategy with its own network, ready to be trained. What it consists of is registered here, each service with what it needs; the
 * container builds them, and a plugin may replace any of them.
 */
import { Services } from '../config/container/services.js';
import type { LoadedConfig } from '../config/load.js';
import type { RunParts } from '../config/run-parts.js';
import type { ResolvedConfig } from '../config/schema.js';
import type { OpenDataset } from '../contracts/dataset.js';
import type { NetworkGraph } from '../contracts/network.js';
import type { Chosen } from '../contracts/part.js';
import type { RandomSource } from '../contracts/random.js';
import type { Architecture, BlockSpace, Gate } from '../contracts/search-space.js';
import { IMPORTANCE, PROBE, RANDOM, type ServiceToken } from '../contracts/services.js';
import type { Strategy, StrategySession } from '../contracts/strategy.js';
import { inputSizes } from '../reparam/network/cost.js';
import { allGates, type GateBudget, gateBudget } from '../reparam/network/gate-budget.js';
import { blockSpaces, gatesOf, searchable } from '../reparam/network/gates.js';
import { Supernet } from '../reparam/network/supernet.js';
import { batchCount } from '../train/data/index.js';
import { evaluate } from '../train/evaluate.js';
import { createOptimizer, type Optimizer } from '../train/optimizers/index.js';
import { createProbe } from '../train/probe.js';
import { constant, cosine, learningRate } from '../train/learning-rate.js';
import { Training } from '../train/training.js';
import { WeightAverage } from '../train/weight-average.js';
import { prepare } from './errors.js';
import { type Images, imagesOf } from './images.js';

/** The layers of the network, as the backbone describes them. */
export const GRAPH: ServiceToken<NetworkGraph> = { name: 'graph' };

/** The search space laid over the network: the branches of every searchable block, and a gate for each that is not always kept. */
export const SEARCH: ServiceToken<{ readonly spaces: readonly BlockSpace[]; readonly gates: readonly Gate[] }> = {
  name: 'search',
};

/** Budget of the search. */
export const BUDGET: ServiceToken<GateBudget> = { name: 'budget' };

/** The strategy at work: decides which branches are active in a step. */
export const STRATEGY: ServiceToken<StrategySession> = { name: 'strategy' };

/** The network with all branches, and its parameters. */
export const NETWORK: ServiceToken<Supernet> = { name: 'network' };

/** The images, split and in batches. */
export const IMAGES: ServiceToken<Images> = { name: 'images' };

/** Updates the network's parameters. */
export const OPTIMIZER: ServiceToken<Optimizer> = { name: 'optimizer' };

/** Averages the weights over steps. */
export const AVERAGE: ServiceToken<WeightAverage> = { name: 'average' };

/** The training of the network, made of all of the above. */
export const TRAINING: ServiceToken<Training> = { name: 'training' };

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
 * Builds what one strategy needs from the parts of a config. Computes nothing yet.
 * @param services of the run, with its replacements; by default nothing is replaced
 * @throws Error if the parts do not fit: a budget beyond the gates, or a network too deep for the images.
 */
export function createCandidate(plan: CandidatePlan, services = new Services()): Candidate {
  const { get } = registerCandidate(services.child(), plan);
  // Asks for everything else.
  const training = get(TRAINING);
  const [supernet, optimizer, average] = [get(NETWORK), get(OPTIMIZER), get(AVERAGE)];
  return {
    strategy: plan.strategy,
    supernet,
    training,
    images: get(IMAGES),
    gates: get(SEARCH).gates.length,
    budget: get(BUDGET),
    architecture: () => get(STRATEGY).architecture(),
    dispose: () => {
      optimizer.dispose();
      average.reset();
      supernet.dispose();
    },
  };
}

/** Registers what a candidate is made of. The order of these lines means nothing. */
function registerCandidate(services: Services, plan: CandidatePlan): Services {
  const { config, parts, strategy, dataset } = plan;
  const { definition, options } = strategy;
  const { train } = config;
  return services
    .register(RANDOM, () => plan.random)
    .register(IMAGES, (get) => imagesOf(config, dataset, get(RANDOM), plan.warn))
    .register(GRAPH, () =>
      parts.backbone.definition.build(dataset.shape, dataset.classes.length, parts.backbone.options),
    )
    .register(SEARCH, (get) => {
      const spaces = blockSpaces(get(GRAPH), parts.searchSpace, parts.branchOps);
      return { spaces, gates: gatesOf(spaces) };
    })
    .register(BUDGET, (get) => {
      const [supernet, { spaces, gates }] = [get(NETWORK), get(SEARCH)];
      if (!definition.usesBudget) return allGates(gates.length);
      const sizes = inputSizes(get(GRAPH));
      return gateBudget(config.budget, {
        supernet,
        spaces,
        gates,
        sizes,
        plain: parts.plain,
        batchSize: train.batchSize,
      });
    })
    .register(IMPORTANCE, (get) =>
      parts.importance.definition.start(get(SEARCH).gates, parts.importance.options, get(RANDOM)),
    )
    .register(STRATEGY, (get) =>
      definition.start(
        {
          ...get(SEARCH),
          budget: get(BUDGET).limit,
          costs: get(BUDGET).costs,
          blocks: searchable(get(GRAPH)),
          importance: get(IMPORTANCE),
          random: get(RANDOM),
          warn: plan.warn,
        },
        options,
      ),
    )
    .register(
      NETWORK,
      (get) =>
        new Supernet({
          graph: get(GRAPH),
          spaces: get(SEARCH).spaces,
          branchOps: parts.branchOps,
          plain: parts.plain,
          weightSharing: parts.weightSharing,
          normPlacement: definition.normPlacement,
          padStatistics: train.padStatistics,
          blockEvaluation: train.blockEvaluation,
          prefer: train.prefer,
          dropout: train.dropout,
          random: get(RANDOM),
        }),
    )
    .register(OPTIMIZER, (get) => createOptimizer(train.optimizer, get(NETWORK).store))
    .register(AVERAGE, (get) => new WeightAverage(train.ema, get(NETWORK).store))
    .register(PROBE, (get) =>
      createProbe({
        supernet: get(NETWORK),
        gates: get(SEARCH).gates,
        fuser: parts.fuser,
        plain: parts.plain.definition.name,
        calibration: get(IMAGES).calibration,
        validation: get(IMAGES).validation,
        signal: plan.signal,
      }),
    )
    .register(TRAINING, (get) => {
      const session = get(STRATEGY);
      const [supernet, images] = [get(NETWORK), get(IMAGES)];
      const phases = definition.phases(train.epochs, options);
      const epochs = phases.reduce((sum, phase) => sum + phase.epochs, 0);
      return new Training({
        supernet,
        strategy: session,
        importance: get(IMPORTANCE),
        average: get(AVERAGE),
        gates: get(SEARCH).gates,
        ranked: definition.usesImportance,
        phases,
        optimizer: get(OPTIMIZER),
        learningRate: learningRate(train.schedule, train.optimizer.learningRate, epochs),
        weightDecay: (train.weightDecaySchedule === 'cosine' ? cosine : constant)(train.optimizer.weightDecay),
        clip: train.clip,
        stepsPerEpoch: batchCount(images.trainingSize, train.batchSize, true),
        batches: images.training,
        evaluate: () => evaluate((batch) => supernet.infer(batch), supernet.graph.input, images.test()),
        evaluateEvery: train.evaluateEvery,
        probe: get(PROBE),
        gamma: (block, branch) =>
          session.initialGamma?.(block, branch) ??
          initialGamma(train.gamma, branch, supernet.blocks.branches(block).length),
      });
    });
}

/** Returns the config's `train.gamma` for one branch of a block of so many: 1 for the only one. */
function initialGamma(gamma: ResolvedConfig['train']['gamma'], branch: string, branches: number): number {
  if (branches === 1) return 1;
  const chosen = typeof gamma === 'object' ? (gamma[branch] ?? gamma['others'] ?? 1) : gamma;
  return chosen === '1/branches' ? 1 / branches : chosen;
}

/**
 * Lists the searchable blocks of a config's network, each with the branches that exist there. Opens the data set to
 * learn the image size.
 */
export async function searchableBlocks({
  config,
  parts,
  folder,
}: LoadedConfig): Promise<{ readonly backbone: string; readonly blocks: Architecture }> {
  const signal = new AbortController().signal;
  const context = { folder, warn: () => undefined, signal };
  const dataset = await prepare(() => parts.dataset.definition.open(parts.dataset.options, context));
  try {
    const { definition, options } = parts.backbone;
    const spaces = await prepare(() =>
      blockSpaces(definition.build(dataset.shape, dataset.classes.length, options), parts.searchSpace, parts.branchOps),
    );
    const blocks = Object.fromEntries(spaces.map(({ block, branches }) => [block, branches]));
    return { backbone: config.backbone.name, blocks };
  } finally {
    await dataset.close();
  }
}
