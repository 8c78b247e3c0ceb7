import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { problemsOf } from '../config/issues.js';
import type { JsonSchema } from '../config/json-schema.js';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { ConfigError, type ConfigProblem } from '../config/problem.js';
import { readConfigFile } from '../config/read.js';
import { importDefault } from '../container/module.js';
import { childSeed } from '../random/index.js';
import { type Comparison, comparisonSchema } from './schema.js';

/** One training of one entrant. */
export interface Trial {
  readonly entrant: string;
  /** The comparison's seed: trials of different entrants with the same one are a pair. */
  readonly seed: number;
  /** Of the trial itself; made of the comparison's seed and the entrant's name, whatever the order. */
  readonly ownSeed: number;
  /** Name of its run folder. */
  readonly name: string;
  /** What it is run with. */
  readonly config: object;
}

export interface LoadedComparison {
  readonly name: string;
  readonly trials: readonly Trial[];
  readonly entrants: readonly string[];
  readonly seeds: readonly number[];
  /** Folder that names and paths are relative to. */
  readonly folder: string;
}

/** Reads a comparison, and checks the config of every entrant before anything runs. @throws ConfigError with all problems of all of them. */
export async function loadComparison(source: string, cwd: string, set: readonly string[]): Promise<LoadedComparison> {
  const builtIn = source.startsWith('repnas:');
  const file = builtIn ? builtInComparison(source) : resolve(cwd, source);
  if (!existsSync(file)) {
    throw new ConfigError([
      {
        code: 'unknown-name',
        path: '',
        origin: 'command line',
        found: JSON.stringify(source),
        expected: 'a comparison: repnas:NAME, or the path of a file',
      },
    ]);
  }
  const values = builtIn ? await importDefault(file) : (await readConfigFile(file)).values;
  const parsed = comparisonSchema.safeParse(values);
  if (!parsed.success) {
    const schema = z.toJSONSchema(comparisonSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    throw new ConfigError(problemsOf(parsed.error, values, { prefix: '', schema, originOf: () => source }));
  }
  const folder = builtIn ? cwd : dirname(file);
  const seeds = typeof parsed.data.seeds === 'number' ? [...Array(parsed.data.seeds).keys()] : parsed.data.seeds;
  const entrants = Object.keys(parsed.data.entrants);
  const trials = entrants.flatMap((entrant) => seeds.map((seed) => trialOf(parsed.data, entrant, seed)));
  await checkEntrants(trials, folder, set);
  return { name: source.replace(/^repnas:/, ''), trials, entrants, seeds, folder };
}

const builtInComparison = (source: string): string =>
  fileURLToPath(new URL(`../../presets/comparisons/${source.slice('repnas:'.length)}.js`, import.meta.url));

function trialOf({ shared, entrants }: Comparison, entrant: string, seed: number): Trial {
  const ownSeed = childSeed(seed, entrant);
  const config = { extends: [shared, entrants[entrant]], seed: ownSeed, baseline: false, observers: ['jsonl'] };
  return { entrant, seed, ownSeed, name: `${entrant}-${seed}`, config };
}

/** Every entrant's config, with its problems under the entrant's name. */
async function checkEntrants(
  trials: readonly Trial[],
  folder: string,
  set: readonly string[],
): Promise<LoadedConfig[]> {
  const loaded: LoadedConfig[] = [];
  const problems: ConfigProblem[] = [];
  const first = new Map(trials.map((trial) => [trial.entrant, trial] as const));
  for (const [entrant, { config }] of first) {
    try {
      loaded.push(await loadConfig(config, { cwd: folder, set }));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems.map((problem) => ({ ...problem, path: `entrants.${entrant}: ${problem.path}` })));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return loaded;
}
