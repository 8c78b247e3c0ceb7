import { createRunContainer, type PluginProblem } from './container/plugins.js';
import type { Registry } from './container/registry.js';
import type { PartKind } from '../contracts/plugin.js';
import type { RunParts } from './run-parts.js';
import { problemsOf } from './issues.js';
import { fileSchema } from './config-schema.js';
import { inputSchema, withDefaults } from './json-schema.js';
import { merge, type MergeRules, originAt } from './merge.js';
import { budgetProblems, needsProblems, unusedProblems } from './across-keys.js';
import { resolveParts } from './parts.js';
import type { Plain } from './plain.js';
import { ConfigError, type ConfigProblem } from './problem.js';
import { CHOICE_LISTS, CHOICES, IMPLIED_NAMES, type PartChoice, type ResolvedConfig, runSchema } from './schema.js';
import { collect } from './sources.js';

/** A loaded config with everything that it names. */
export interface LoadedConfig {
  /** The config with every default filled in, the parts' included; loading it gives the same again. */
  readonly config: ResolvedConfig;
  readonly parts: RunParts;
  readonly registry: Registry;
  /** File, preset or option, by dotted path; keys not listed have their default. */
  readonly origins: ReadonlyMap<string, string>;
  /** Folder that relative paths of the data set refer to: that of the source that names its path. */
  readonly folder: string;
  /** Config files read, in order. */
  readonly files: readonly string[];
  /** Plugins set up besides the built-in ones. */
  readonly plugins: readonly PluginPlace[];
}

/** Location of a plugin: its file, or the source and key path that list it as an object. */
export type PluginPlace = string | { readonly source: string; readonly path: string };

/** How to find a config, and what to apply over it. */
export interface LoadOptions {
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  /** `key.path=value`, applied over everything else. */
  readonly set?: readonly string[] | undefined;
  /** True for a config that a run has saved; it also holds what its strategy does not use. @default false */
  readonly resolved?: boolean | undefined;
}

/** The parts that a config could name. */
export interface LoadedPlugins {
  readonly registry: Registry;
  readonly plugins: readonly PluginPlace[];
  /** What kept parts out, or files from being read. */
  readonly problems: readonly ConfigProblem[];
}

const RULES: MergeRules = { named: Object.keys(CHOICES), implied: IMPLIED_NAMES, whole: ['budget'] };

/**
 * Reads a config: its file or preset, what it extends, and the plugins it lists; validates all of it.
 * @param source Name of a preset, path of a file, a config as an object; absent: the nearest config file.
 * @throws ConfigError with every problem at once.
 */
export async function loadConfig(source?: string | object, options: LoadOptions = {}): Promise<LoadedConfig> {
  const { cwd = process.cwd(), set = [], resolved = false } = options;
  const sources = await collect(source, cwd, set);
  const { values, origins } = merge(sources.layers, RULES);
  const { registry, problems: broken } = await createRunContainer(sources.plugins);
  const originOf = (path: string): string | undefined => originAt(origins, path)?.name;
  const checked = check(values, originOf);
  const found = resolveParts(checked.config, registry, originOf);
  const problems = distinct([
    ...sources.problems,
    ...broken.map(pluginProblem),
    ...checked.problems,
    ...found.problems,
    ...needsProblems(checked.config, found.parts, originOf),
    ...budgetProblems(checked.config, found.parts, originOf),
    ...(resolved ? [] : unusedProblems(checked.config, found.parts, origins)),
  ]);
  if (problems.length > 0) {
    // If a source could not be read, what it would have set is unknown.
    throw new ConfigError(sources.complete ? problems : problems.filter(({ code }) => code !== 'missing'));
  }
  return {
    config: complete(checked.config as ResolvedConfig, registry),
    parts: found.parts as RunParts,
    registry,
    origins: new Map([...origins].map(([path, { name }]) => [path, name])),
    folder: originAt(origins, 'dataset.path')?.folder ?? cwd,
    files: sources.files,
    plugins: sources.plugins.map(placeOf),
  };
}

/**
 * Loads the parts that a config could name, even if the config itself is invalid. Without a source and a config file:
 * the built-in parts.
 */
export async function loadPlugins(
  source?: string | object,
  { cwd = process.cwd() }: LoadOptions = {},
): Promise<LoadedPlugins> {
  const sources = await collect(source, cwd, []).catch((error: unknown) => {
    if (source === undefined && error instanceof ConfigError) return undefined;
    throw error;
  });
  const { registry, problems } = await createRunContainer(sources?.plugins);
  return {
    registry,
    plugins: (sources?.plugins ?? []).map(placeOf),
    problems: [...(sources?.problems ?? []), ...problems.map(pluginProblem)],
  };
}

/** Checks each key by itself, so that one mistake hides no other. */
function check(
  values: Plain,
  originOf: (path: string) => string | undefined,
): { readonly config: Partial<ResolvedConfig>; readonly problems: readonly ConfigProblem[] } {
  const parsed = runSchema.safeParse(values);
  if (parsed.success) return { config: parsed.data, problems: [] };
  const config = Object.entries(runSchema.shape).flatMap(([key, schema]) => {
    const single = schema.safeParse(values[key]);
    return single.success ? [[key, single.data]] : [];
  });
  const problems = problemsOf(parsed.error, values, { prefix: '', schema: fileSchema(), originOf });
  return { config: Object.fromEntries(config) as Partial<ResolvedConfig>, problems };
}

/** Fills in the defaults of the parts that a config names. */
function complete(config: ResolvedConfig, registry: Registry): ResolvedConfig {
  const completed = (kind: PartKind, choice: PartChoice): PartChoice => {
    const part = registry.find(kind, choice.name)?.part;
    return part ? { name: choice.name, ...withDefaults(inputSchema(part.options), choice) } : choice;
  };
  const single = Object.entries(CHOICES).map(([key, kind]) => {
    const choice = config[key as keyof typeof CHOICES];
    return [key, choice && completed(kind, choice)];
  });
  const lists = Object.entries(CHOICE_LISTS).map(([key, kind]) => [
    key,
    config[key as keyof typeof CHOICE_LISTS].map((choice) => completed(kind, choice)),
  ]);
  return { ...config, ...(Object.fromEntries([...single, ...lists]) as Partial<ResolvedConfig>) };
}

const placeOf = (
  listed: { readonly file: string } | { readonly origin: string; readonly path: string },
): PluginPlace => ('file' in listed ? listed.file : { source: listed.origin, path: listed.path });

const pluginProblem = ({ plugin, from, listed, found, expected, hint }: PluginProblem): ConfigProblem => ({
  code: 'plugin',
  path: listed?.path ?? 'plugins',
  origin: listed?.origin ?? from,
  found: `plugin ${plugin} (${from}): ${found}`,
  expected,
  hint,
});

/** Removes duplicates: a source reached by two paths reports its problems once. */
const distinct = (problems: readonly ConfigProblem[]): ConfigProblem[] => [
  ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values(),
];
