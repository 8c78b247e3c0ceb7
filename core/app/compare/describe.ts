import type { LoadedConfig } from '../../config/load.js';
import type { OpenDataset } from '../../contracts/dataset.js';
import { createRandomSource } from '../../train/random/index.js';
import { createCandidate } from '../../run/candidate.js';
import { blockSpaces, gatesOf } from '../../reparam/network/gates.js';
import { RefusedError } from '../../run/errors.js';
import type { ComparisonDescription, EntrantDescription } from './description.js';
import type { LoadedComparison } from './load.js';

/**
 * Puts every entrant together once without training it, so that what does not fit (a folder that is missing, a budget beyond
 * the gates) is told before anything runs, and nobody waits for trials that are bound to fail.
 *
 * @throws RefusedError naming the entrant.
 */
export async function describe({
  name,
  seeds,
  against,
  entrants,
}: Pick<LoadedComparison, 'name' | 'seeds' | 'against' | 'entrants'>): Promise<ComparisonDescription> {
  const datasets = new Map<string, OpenDataset>();
  try {
    const described: EntrantDescription[] = [];
    for (const { name: entrant, loaded } of entrants) {
      try {
        described.push(describeEntrant(entrant, loaded, await openOnce(datasets, loaded)));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new RefusedError(`entrant ${entrant}: ${why}`, { cause: error });
      }
    }
    return { name, seeds, against, entrants: described };
  } finally {
    for (const dataset of datasets.values()) await dataset.close();
  }
}

/** Entrants share their images as a rule. */
async function openOnce(
  datasets: Map<string, OpenDataset>,
  { config, parts, folder }: LoadedConfig,
): Promise<OpenDataset> {
  const key = JSON.stringify([folder, config.dataset]);
  const { definition, options } = parts.dataset;
  const signal = new AbortController().signal;
  const dataset = datasets.get(key) ?? (await definition.open(options, { folder, warn: () => undefined, signal }));
  datasets.set(key, dataset);
  return dataset;
}

/** One entrant, with the gates of its network on these images. */
export function describeEntrant(name: string, loaded: LoadedConfig, dataset: OpenDataset): EntrantDescription {
  const { config, parts } = loaded;
  const random = createRandomSource(config.seed);
  const candidate = createCandidate({
    config,
    parts,
    dataset,
    random,
    warn: () => undefined,
    strategy: parts.strategy,
  });
  const { budget, supernet } = candidate;
  const spaces = blockSpaces(supernet.graph, parts.searchSpace, parts.branchOps);
  candidate.dispose();
  const { seed: _, out: __, ...own } = config;
  return {
    name,
    strategy: config.strategy.name,
    ranked: parts.strategy.definition.usesImportance,
    budget: budget.asked,
    ...(budget.unit !== 'gates' && { budgetUnit: budget.unit }),
    gates: gatesOf(spaces),
    spaces,
    config: JSON.parse(JSON.stringify(own)),
  };
}
