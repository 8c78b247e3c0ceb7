import type { Registered } from '../../core/config/container/registry.js';

/** What a strategy cannot do without, or would take too long with, in a run of a few steps. */
const SMALL: Readonly<Record<string, object>> = {
  evolution: { population: 3, sample: 2, evaluations: 5 },
  dyrep: { interval: 1 },
  sgs: { interval: 1 },
  given: {
    blocks: { conv1: ['conv-kxk', 'conv-1x1'], conv2: ['conv-1x1-kxk'], conv3: ['conv-kxk', 'conv-1x1-avg'] },
  },
};

/** A strategy with an importance estimator; those that rank nothing come once. */
export interface Pair {
  readonly strategy: Registered<'strategy'>;
  readonly importance?: Registered<'importance-estimator'>;
  readonly title: string;
}

/** Every registered strategy with every registered estimator that it uses. */
export function pairs(
  strategies: readonly Registered<'strategy'>[],
  estimators: readonly Registered<'importance-estimator'>[],
): Pair[] {
  return strategies.flatMap((strategy): Pair[] => {
    const { name, usesImportance } = strategy.part;
    if (!usesImportance) return [{ strategy, title: name }];
    return estimators.map((importance) => ({ strategy, importance, title: `${name} with ${importance.part.name}` }));
  });
}

/** A run of six or more steps on three blocks of 17 or 18 gates, one of which changes the channels. */
export const configOf = ({ strategy: { part }, importance }: Pair, out: string) => ({
  strategy: { name: part.name, ...SMALL[part.name] },
  ...(importance && { importance: importance.part.name }),
  ...(part.usesBudget && { budget: { branches: BUDGET } }),
  ...((part.needsValidation || importance?.part.needsValidation) && { validation: { fraction: 0.25 } }),
  searchSpace: 'per-block',
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 32, test: 12, noise: 0.05 },
  backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.125 },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 1 },
    batchSize: 8,
    optimizer: { name: 'sgd' as const, learningRate: 0.05 },
  },
  engine: 'cpu',
  observers: ['jsonl'],
  export: [],
  seed: 5,
  out,
});

export const BUDGET = 7;
