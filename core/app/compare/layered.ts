import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { problemsOf } from '../../config/issues.js';
import { ConfigError } from '../../config/problem.js';
import { readConfigFile } from '../../config/read.js';
import { expanded } from './matrix.js';
import { type Comparison, comparisonJsonSchema, comparisonSchema } from './schema.js';

/** In place of the comparison's own: how many, or which. */
type Seeds = number | readonly number[] | undefined;

/** Reads a comparison by its name or path, and those that it stands on. @throws ConfigError */
export async function readComparisonFile(
  source: string,
  cwd: string,
  seeds: Seeds,
): Promise<{ readonly file: string; readonly comparison: LayeredComparison }> {
  const file = fileOf(source, cwd);
  if (!existsSync(file)) throw unknownComparison(source);
  return { file, comparison: await read(file, source, seeds) };
}

const builtInComparison = (source: string): string =>
  fileURLToPath(new URL(`../../../presets/comparisons/${source.slice('repnas:'.length)}.js`, import.meta.url));

const fileOf = (source: string, folder: string): string =>
  source.startsWith('repnas:') ? builtInComparison(source) : resolve(folder, source);

const unknownComparison = (source: string, place = { path: '', origin: 'command line' }): ConfigError =>
  new ConfigError([
    {
      code: 'unknown-name',
      ...place,
      found: JSON.stringify(source),
      expected: 'a comparison: repnas:NAME, or the path of a file',
    },
  ]);

/** A comparison with those that it stands on: layers of settings, the later ones on top. */
export interface LayeredComparison extends Pick<Comparison, 'seeds' | 'against' | 'equalTime'> {
  readonly shared: readonly Comparison['shared'][];
  readonly entrants: Readonly<Record<string, readonly Comparison['shared'][]>>;
}

async function read(
  file: string,
  source: string,
  seeds: Seeds,
  above: readonly string[] = [],
): Promise<LayeredComparison> {
  const { values } = await readConfigFile(file);
  const parsed = comparisonSchema.safeParse(seeds === undefined ? values : { ...(values as object), seeds });
  if (!parsed.success)
    throw new ConfigError(
      problemsOf(parsed.error, values, { prefix: '', schema: comparisonJsonSchema(), originOf: () => source }),
    );
  const { extends: parent, ...own } = parsed.data;
  const entrants = Object.fromEntries(
    Object.entries(entrantsOf(own, source)).map(([name, config]) => [name, [config]] as const),
  );
  if (parent === undefined) return { ...own, shared: [own.shared], entrants };
  const chain = [...above, file];
  const below = await read(parentFile(parent, chain, source), parent, seeds, chain);
  const names = new Set([...Object.keys(below.entrants), ...Object.keys(entrants)]);
  const given = (key: string): boolean => typeof values === 'object' && values !== null && key in values;
  return {
    shared: [...below.shared, own.shared],
    entrants: Object.fromEntries(
      [...names].map((name) => [name, [...(below.entrants[name] ?? []), ...(entrants[name] ?? [])]] as const),
    ),
    seeds: given('seeds') ? own.seeds : below.seeds,
    against: given('against') ? own.against : below.against,
    equalTime: own.equalTime ?? below.equalTime,
  };
}

/** With combinations in place of matrices. @throws ConfigError */
function entrantsOf({ entrants }: Pick<Comparison, 'entrants'>, source: string): Comparison['entrants'] {
  try {
    return expanded(entrants);
  } catch (error) {
    const found = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    const expected = 'a matrix of keys and values, each combination of them with a name of its own';
    throw new ConfigError([{ code: 'invalid-value', path: 'entrants', origin: source, found, expected }]);
  }
}

/** Names in a comparison are relative to its folder, which all of one have to share. @throws ConfigError */
function parentFile(parent: string, chain: readonly string[], source: string): string {
  const folder = dirname(chain.at(-1) as string);
  const found = fileOf(parent, folder);
  const place = { path: 'extends', origin: source };
  if (!existsSync(found)) throw unknownComparison(parent, place);
  const inFolder = parent.startsWith('repnas:') || dirname(found) === folder;
  if (inFolder && !chain.includes(found)) return found;
  const expected = inFolder
    ? 'a comparison that does not stand on this one'
    : 'repnas:NAME, or the path of a file in the same folder';
  throw new ConfigError([{ code: 'refused', ...place, found: JSON.stringify(parent), expected }]);
}
