import { dirname, resolve } from 'node:path';
import { type LoadedConfig, loadConfig } from '../../config/load.js';
import { ConfigError, type ConfigProblem } from '../../config/problem.js';
import type { PartChoice } from '../../config/schema.js';
import { nearest } from '../../config/container/describe.js';
import { type LayeredComparison, readComparisonFile } from './layered.js';
import { comparisonSchema } from './schema.js';

/** One training of one entrant. */
export interface Trial {
  readonly entrant: string;
  /** The seed it runs with: trials of different entrants with the same one are a pair. */
  readonly seed: number;
  /** Name of its run folder. */
  readonly name: string;
  /** What it is run with. */
  readonly config: object;
}

/** What takes part, its config resolved; the seed in it is the first trial's. */
export interface Entrant {
  readonly name: string;
  readonly loaded: LoadedConfig;
}

export interface LoadedComparison {
  readonly name: string;
  readonly entrants: readonly Entrant[];
  readonly seeds: readonly number[];
  /** Entrants that the others are compared with. */
  readonly against: readonly string[];
  /** Entrants that train once more, in the time of another one. */
  readonly equalTime?: { readonly to: string; readonly entrants: readonly string[] } | undefined;
  /** By seed, then by entrant: what is stopped early has whole seeds. */
  readonly trials: readonly Trial[];
  /** Folder that names and paths are relative to. */
  readonly folder: string;
  /** One more entrant: `base` with a config laid over it, and its trials. */
  readonly variant: (
    name: string,
    base: string,
    config: object,
  ) => Promise<{ readonly entrant: Entrant; readonly trials: readonly Trial[] }>;
}

export interface LoadComparisonOptions {
  readonly cwd: string;
  /** `key.path=value`, laid over every entrant. */
  readonly set: readonly string[];
  /** In place of the comparison's own: how many, or which. */
  readonly seeds?: number | readonly number[] | undefined;
}

/** Reads a comparison, and checks the config of every entrant before anything runs. @throws ConfigError with all problems of all of them. */
export async function loadComparison(source: string, options: LoadComparisonOptions): Promise<LoadedComparison> {
  const { cwd, set } = options;
  const { file, comparison } = await readComparisonFile(source, cwd, options.seeds);
  const folder = file === resolve(cwd, source) ? dirname(file) : cwd;
  refuseSettings(set);
  const entrants = await loadEntrants(comparison, { cwd: folder, set });
  const seeds = typeof comparison.seeds === 'number' ? [...Array(comparison.seeds).keys()] : comparison.seeds;
  const names = entrants.map(({ name }) => name);
  return {
    name: source.replace(/^repnas:/, ''),
    entrants,
    seeds,
    against: comparison.against.filter((name) => names.includes(name)),
    equalTime: comparison.equalTime,
    trials: seeds.flatMap((seed) =>
      entrants.map(({ name, loaded }) => trialOf({ name, loaded }, layers(comparison, name), seed)),
    ),
    folder,
    variant: async (variant, base, config) => {
      const own = [...layers(comparison, base), config];
      const loaded = await loadConfig({ extends: own, baseline: false }, { cwd: folder, set });
      const entrant = { name: variant, loaded };
      return { entrant, trials: seeds.map((seed) => trialOf(entrant, own, seed)) };
    },
  };
}

/** Keys that a comparison decides itself, with what to give instead. */
const DECIDED: Readonly<Record<string, string>> = {
  seed: 'give --seeds',
  out: 'give --out',
  baseline: 'add an entrant',
};

function refuseSettings(set: readonly string[]): void {
  const problems = set.flatMap((setting): ConfigProblem[] => {
    const key = setting.split('=', 1)[0] ?? '';
    const hint = DECIDED[key];
    return hint
      ? [
          {
            code: 'refused',
            path: key,
            origin: '--set',
            found: setting,
            expected: 'nothing: the comparison sets it',
            hint,
          },
        ]
      : [];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

const layers = ({ shared, entrants }: LayeredComparison, name: string): object[] =>
  [...shared, ...(entrants[name] ?? [])] as object[];

/** Every entrant's config, with its problems under the entrant's name. */
async function loadEntrants(
  comparison: LayeredComparison,
  options: { readonly cwd: string; readonly set: readonly string[] },
): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  const problems: ConfigProblem[] = unknownReferences(comparison);
  for (const name of Object.keys(comparison.entrants)) {
    try {
      const loaded = await loadConfig({ extends: layers(comparison, name), baseline: false }, options);
      entrants.push({ name, loaded });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems.map((problem) => ({ ...problem, path: `entrants.${name}: ${problem.path}` })));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return entrants;
}

/** The default names what comparisons usually have; a name that somebody wrote must be an entrant's. */
function unknownReferences({ against, equalTime, entrants }: LayeredComparison): ConfigProblem[] {
  const usual = comparisonSchema.shape.against.parse(undefined);
  const names = Object.keys(entrants);
  const references = [
    ...against.filter((name) => !usual.includes(name)).map((name) => ['against', name] as const),
    ...(equalTime ? [['equalTime.to', equalTime.to] as const] : []),
    ...(equalTime?.entrants ?? []).map((name) => ['equalTime.entrants', name] as const),
  ];
  return references
    .filter(([, name]) => !names.includes(name))
    .map(([path, name]) => ({
      code: 'unknown-name',
      path,
      found: JSON.stringify(name),
      expected: `an entrant: ${names.join(', ')}`,
      hint: nearest(name, names),
    }));
}

/**
 * Entrants of one seed share it, and with it the order of the images, augmentation and the initial value of every parameter that
 * they have in common: differences that are paired by seed leave that part of the chance out.
 */
function trialOf({ name, loaded }: Entrant, extended: readonly object[], seed: number): Trial {
  const config = {
    extends: extended,
    seed,
    baseline: false,
    observers: observers(loaded.config.observers),
  };
  return { entrant: name, seed, name: `${name}-${seed}`, config };
}

/** The entrant's own, without the one for terminals, of which each trial has none; the report reads the events' file. */
const observers = (chosen: readonly PartChoice[]): readonly PartChoice[] => [
  ...chosen.filter(({ name }) => name !== 'console' && name !== 'jsonl'),
  { name: 'jsonl' },
];
