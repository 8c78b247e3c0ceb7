import { z } from 'zod';
import { createRegistry } from '../container/plugins.js';
import type { Registry } from '../container/registry.js';
import type { RunParts } from '../run/parts.js';
import { collect } from './layers.js';
import { merge, originAt, type Plain } from './merge.js';
import { resolveParts } from './parts.js';
import { ConfigError, type ConfigProblem, problemsOf } from './problem.js';
import { runSchema, type ResolvedConfig } from './schema.js';

/** A config with everything that it names. */
export interface LoadedConfig {
  readonly config: ResolvedConfig;
  readonly parts: RunParts;
  readonly registry: Registry;
  /** By dotted path; a key that is not here has its default. */
  readonly origins: ReadonlyMap<string, string>;
  /** Folder that relative paths are relative to. */
  readonly folder: string;
  /** Config files that were read, in order. */
  readonly files: readonly string[];
  /** Plugins that were loaded beside the built-in ones: their files, or where an object came from. */
  readonly plugins: readonly string[];
}

export interface LoadOptions {
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  /** `key.path=value`, laid over everything else. */
  readonly set?: readonly string[] | undefined;
}

/** Keys whose value is a part: a name, or an object with one. */
const CHOICES = [
  'strategy',
  'searchSpace',
  'importance',
  'weightSharing',
  'backbone',
  'dataset',
  'fuser',
  'baseline',
  'engine',
];

/** Keys that replace what lies below them whole: a budget is one or the other. */
const WHOLE = ['budget'];

/**
 * Reads a config: its file or preset, what it extends, and the plugins it lists; validates all of it.
 * @param source Name of a preset, path of a file, a config as an object; absent: the nearest config file.
 * @throws ConfigError with every problem at once.
 */
export async function loadConfig(
  source?: string | object,
  { cwd = process.cwd(), set = [] }: LoadOptions = {},
): Promise<LoadedConfig> {
  const sources = await collect(source as string | Plain | undefined, cwd, set);
  const { values, origins } = merge(sources.layers, CHOICES, WHOLE);
  const problems: ConfigProblem[] = [];
  const { registry, problems: broken } = await createRegistry(sources.plugins);
  problems.push(...broken);
  const parsed = runSchema.safeParse(values);
  if (!parsed.success) {
    const originOf = (path: string) => originAt(origins, path);
    problems.push(...problemsOf(parsed.error, values, { prefix: '', originOf, known: knownKeys }));
    throw new ConfigError(problems);
  }
  const resolved = resolveParts(parsed.data, registry, origins);
  problems.push(...resolved.problems);
  if (problems.length > 0 || !resolved.parts) throw new ConfigError(problems);
  const { folder, files } = sources;
  const plugins = sources.plugins.map((plugin) => ('file' in plugin ? plugin.file : plugin.origin));
  return { config: parsed.data, parts: resolved.parts, registry, origins, folder, files, plugins };
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The keys that an object of the config may have. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let at: readonly JsonSchema[] = [z.toJSONSchema(runSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema];
  const members = (schema: JsonSchema): readonly JsonSchema[] => [
    schema,
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
  ];
  for (const key of path) {
    at = at.flatMap(members).flatMap(({ properties }) => properties?.[String(key)] ?? []);
  }
  return [...new Set(at.flatMap(members).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}
