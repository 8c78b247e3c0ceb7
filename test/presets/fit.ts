import { readdirSync } from 'node:fs';
import { loadComparison } from '../../core/app/compare/load.js';

const TOY = '-toy';

/** Names of the presets in a folder below presets/, without those that are toys of nothing. */
const named = (folder: string, alone: readonly string[] = []): string[] =>
  readdirSync(folder).flatMap((file) => {
    const name = file.replace(/\.ts$/, '');
    return name === file || alone.includes(name) ? [] : [name];
  });

/** What `repnas run` takes; the quickstart and the benchmark's are as small as they get. */
export const runPresets = named('presets', ['quickstart', 'bench']);

export const comparisonPresets = named('presets/comparisons', ['quickstart']);

export const isToy = (name: string): boolean => name.endsWith(TOY);

export const isRecipe = (name: string): boolean => name.includes('-recipe');

/** The sizes among themselves: presets without a toy, and toys of nothing. */
export function unpaired(names: readonly string[]): string[] {
  return names.filter((name) => !names.includes(isToy(name) ? name.slice(0, -TOY.length) : `${name}${TOY}`));
}

export const isImageNet = (name: string): boolean => name.startsWith('imagenet');

/** Images that stand for a preset's own, of the same size and with as many classes; for those that are trained, a few more. */
export function standIn(name: string): string {
  const large = isImageNet(name) && !isToy(name);
  const images = large ? { train: 2, test: 1 } : { train: 32, test: 16 };
  return JSON.stringify({
    name: 'synthetic',
    ...(large ? { shape: [224, 224, 3], classes: 1000 } : { shape: [32, 32, 3], classes: 10 }),
    ...images,
  });
}

/** The config of each entrant's first trial. */
export async function entrantsOf(comparison: string): Promise<ReadonlyMap<string, object>> {
  const { trials } = await loadComparison(`repnas:${comparison}`, { cwd: '.', set: ['dataset.path=nowhere'] });
  const first = new Map<string, object>();
  for (const { entrant, config } of trials) if (!first.has(entrant)) first.set(entrant, config);
  return first;
}
