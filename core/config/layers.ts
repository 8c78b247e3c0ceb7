import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse as parseYaml } from 'yaml';
import type { Plugin } from '../contracts/plugin.js';
import { type ConfigProblem, ConfigError, show } from './problem.js';
import { forbiddenKeys, isPlain, type Layer, type Plain } from './merge.js';
import { resolveName } from './names.js';
import { findConfigFile, readConfigFile } from './read.js';

/** A plugin that a config lists: an object, or a name with the file it stands for. */
export type ListedPlugin =
  | { readonly plugin: Plugin; readonly origin: string }
  | { readonly name: string; readonly file: string; readonly origin: string };

/** A config taken apart: what each source says, lowest first, and the plugins they list. */
export interface Sources {
  readonly layers: readonly Layer[];
  readonly plugins: readonly ListedPlugin[];
  /** Folder that relative paths of a run are relative to: that of the config file, else the working folder. */
  readonly folder: string;
  /** Files that were executed or read, in order. */
  readonly files: readonly string[];
}

interface Collected {
  readonly layers: Layer[];
  readonly plugins: ListedPlugin[];
  readonly files: string[];
  readonly problems: ConfigProblem[];
}

interface Place {
  /** Where the source is from, for messages. */
  readonly origin: string;
  /** Where its names are looked for. */
  readonly folders: readonly string[];
  /** Sources being read, to find a cycle. */
  readonly chain: readonly string[];
}

/** Follows `extends` from a source down to what it stands on. A source is a preset's name, a path, an object, or absent: then the nearest config file is looked for. @throws ConfigError */
export async function collect(
  source: string | Plain | undefined,
  cwd: string,
  set: readonly string[],
): Promise<Sources> {
  const found: Collected = { layers: [], plugins: [], files: [], problems: [] };
  let folder = cwd;
  if (typeof source === 'object') {
    await take(source, { origin: 'inline', folders: [cwd], chain: [] }, found);
  } else {
    const name = source ?? (await findConfigFile(cwd));
    if (name === undefined) {
      throw new ConfigError([
        {
          code: 'missing',
          path: '',
          found: `no config in ${cwd} or the project around it`,
          expected: 'repnas.config.ts (or .js, .json, .yaml), or a "repnas" key in package.json',
          hint: 'Name a preset instead: repnas run repnas:quickstart',
        },
      ]);
    }
    const file = await follow(
      source === undefined ? { file: name } : { name },
      'config',
      { origin: 'command line', folders: [cwd], chain: [] },
      found,
    );
    if (file && !name.startsWith('repnas:')) folder = dirname(file);
  }
  for (const option of set) takeOption(option, found);
  if (found.problems.length > 0) throw new ConfigError(found.problems);
  return { ...found, folder };
}

/** Reads the file that a name stands for, and what it extends. */
async function follow(
  what: { readonly name: string } | { readonly file: string },
  path: string,
  place: Place,
  found: Collected,
): Promise<string | undefined> {
  const name = 'name' in what ? what.name : what.file;
  const problem = (code: ConfigProblem['code'], expected: string, hint?: string) =>
    void found.problems.push({ code, path, origin: place.origin, found: show(name), expected, hint });
  let file: string;
  try {
    file = 'file' in what ? what.file : resolvePreset(what.name, place.folders);
  } catch (error) {
    problem('unknown-name', 'a preset, a package or a file', message(error));
    return undefined;
  }
  if (place.chain.includes(file)) {
    problem('cycle', 'presets that do not extend each other in a circle', [...place.chain, file].join(' → '));
    return undefined;
  }
  let values: unknown;
  try {
    values = name.startsWith('repnas:') ? await importDefault(file) : await readConfigFile(file);
  } catch (error) {
    problem('unreadable', 'a config that can be read', `${file}: ${message(error)}`);
    return undefined;
  }
  found.files.push(file);
  const origin = name.startsWith('repnas:') ? name : file;
  const folders = [dirname(file), ...place.folders.slice(-1)];
  if (!isPlain(values)) {
    found.problems.push({
      code: 'invalid-value',
      path: '',
      origin,
      found: show(values),
      expected: 'an object of options',
    });
    return file;
  }
  await take(values, { origin, folders, chain: [...place.chain, file] }, found);
  return file;
}

/** A name of the command line that is no preset may be a file without `./`. */
function resolvePreset(name: string, folders: readonly string[]): string {
  if (
    /\.[cm]?[jt]s$|\.json$|\.ya?ml$/.test(name) &&
    !name.startsWith('.') &&
    !name.startsWith('/') &&
    !name.includes(':')
  ) {
    return resolveName(`./${name}`, 'preset', folders);
  }
  return resolveName(name, 'preset', folders);
}

async function take(values: Plain, place: Place, found: Collected): Promise<void> {
  const forbidden = forbiddenKeys(values, place.origin);
  if (forbidden.length > 0) {
    found.problems.push(...forbidden);
    return;
  }
  const { extends: parents = [], plugins = [], $schema: _, ...own } = values;
  for (const [index, parent] of (Array.isArray(parents) ? parents : [parents]).entries()) {
    const path = Array.isArray(parents) ? `extends.${index}` : 'extends';
    if (typeof parent === 'string') await follow({ name: parent }, path, place, found);
    else if (isPlain(parent)) await take(parent, { ...place, origin: `${place.origin}, ${path}` }, found);
    else if (parent !== null)
      found.problems.push({
        code: 'invalid-value',
        path,
        origin: place.origin,
        found: show(parent),
        expected: 'the name of a preset, or an object',
      });
  }
  for (const [index, plugin] of (Array.isArray(plugins) ? plugins : [plugins]).entries()) {
    takePlugin(plugin, `plugins.${index}`, place, found);
  }
  found.layers.push({ values: own, origin: place.origin });
}

function takePlugin(plugin: unknown, path: string, { origin, folders }: Place, found: Collected): void {
  if (plugin === null) return;
  if (typeof plugin === 'object') {
    found.plugins.push({ plugin: plugin as Plugin, origin: `${origin}, ${path}` });
    return;
  }
  try {
    if (typeof plugin !== 'string') throw new Error('neither a name nor a plugin');
    found.plugins.push({ name: plugin, file: resolveName(plugin, 'plugin', folders), origin });
  } catch (error) {
    found.problems.push({
      code: 'plugin',
      path,
      origin,
      found: show(plugin),
      expected: 'a plugin package, or a path',
      hint: message(error),
    });
  }
}

/** `--set a.b=c`: the value is read as YAML, so numbers, booleans, null and lists are what they look like. */
function takeOption(option: string, found: Collected): void {
  const origin = `--set ${option}`;
  const at = option.indexOf('=');
  const keys = option.slice(0, at).split('.');
  if (at < 1 || keys.some((key) => key === '')) {
    found.problems.push({
      code: 'invalid-value',
      path: '',
      origin: '--set',
      found: show(option),
      expected: 'key.path=value',
    });
    return;
  }
  let value: unknown;
  try {
    value = parseYaml(option.slice(at + 1), { maxAliasCount: 0 });
  } catch {
    value = option.slice(at + 1);
  }
  const values = keys.reduceRight<unknown>(
    (inner, key) =>
      Object.defineProperty({}, key, { value: inner, enumerable: true, configurable: true, writable: true }),
    value,
  ) as Plain;
  const forbidden = forbiddenKeys(values, origin);
  if (forbidden.length > 0) found.problems.push(...forbidden);
  else found.layers.push({ values, origin });
}

export async function importDefault(file: string): Promise<unknown> {
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  return module.default;
}

export const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
