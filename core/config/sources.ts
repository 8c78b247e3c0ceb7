import { dirname } from 'node:path';
import { parse } from 'yaml';
import { clean } from './clean.js';
import { messageOf, nearestName, show } from './container/describe.js';
import { importDefault } from './container/module.js';
import type { ListedPlugin } from './container/plugins.js';
import type { Layer, Source } from './merge.js';
import { builtInPresets, isBuiltIn, isPath, resolveName } from './names.js';
import { isPlain, joinPath, type Plain } from './plain.js';
import { ConfigError, type ConfigProblem } from './problem.js';
import { type ConfigFile, findConfigFile, readConfigFile } from './read.js';

/** A config taken apart: the values of each source, lowest first, and the plugins that they list. */
export interface Sources {
  readonly layers: readonly Layer[];
  readonly plugins: readonly ListedPlugin[];
  /** Config files that were read, in order. */
  readonly files: readonly string[];
  readonly problems: readonly ConfigProblem[];
  /** True if every source could be read. Only then does a missing key count as missing. */
  readonly complete: boolean;
}

/** State while a source is read. */
interface Place {
  readonly source: Source;
  /** Folders to search for the names that it lists. */
  readonly folders: readonly string[];
  /** Files being read, to find cycles. */
  readonly chain: readonly string[];
}

const READABLE = 'a config that can be read';

const FILE = /\.(?:[cm]?[jt]s|json|ya?ml)$/;

/**
 * Follows `extends` from a source down to what it stands on, and lays the settings of the command line on top.
 * @param source Name of a preset, a path, an object, or absent: then the nearest config file is looked for.
 * @throws ConfigError if there is no config at all.
 */
export async function collect(
  source: string | object | undefined,
  cwd: string,
  settings: readonly string[],
): Promise<Sources> {
  const collector = new Collector(cwd);
  if (typeof source === 'string') await collector.start(source);
  else if (source === undefined) await collector.search();
  else await collector.take(source, { source: { name: 'inline', folder: cwd }, folders: [cwd], chain: [] });
  for (const setting of settings) collector.set(setting);
  return collector;
}

class Collector implements Sources {
  readonly layers: Layer[] = [];
  readonly plugins: ListedPlugin[] = [];
  readonly files: string[] = [];
  readonly problems: ConfigProblem[] = [];
  complete = true;
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** Reads the source that a command names; a file may be named without `./`. */
  async start(name: string): Promise<void> {
    const bare = FILE.test(name) && !isPath(name) && !isBuiltIn(name);
    await this.#follow(bare ? `./${name}` : name, '', this.#command());
  }

  async search(): Promise<void> {
    let found: ConfigFile | undefined;
    try {
      found = await findConfigFile(this.#cwd);
    } catch (error) {
      this.#lose({ code: 'unreadable', path: '', origin: this.#cwd, found: messageOf(error), expected: READABLE });
      return;
    }
    if (!found) throw new ConfigError([noConfig(this.#cwd)]);
    await this.#enter(found, found.file, dirname(found.file), this.#command());
  }

  /** Adds the values of one source, after those of everything it extends. */
  async take(given: object, place: Place): Promise<void> {
    const { name: origin } = place.source;
    const { extends: parents, plugins, $schema, ...own } = given as Plain;
    if ($schema !== undefined && typeof $schema !== 'string') {
      this.#tell({ code: 'invalid-value', path: '$schema', origin, found: show($schema), expected: 'a URL or a path' });
    }
    for (const [path, parent] of listed(parents, 'extends')) await this.#extend(parent, path, place);
    for (const [path, plugin] of listed(plugins, 'plugins')) this.#plug(plugin, path, place);
    const { values, problems } = clean(own, origin);
    this.problems.push(...problems);
    this.layers.push({ values, source: place.source });
  }

  set(setting: string): void {
    const { layer, problems } = readSetting(setting, this.#cwd);
    this.problems.push(...problems);
    if (layer) this.layers.push(layer);
  }

  #command(): Place {
    return { source: { name: 'command line', folder: this.#cwd }, folders: [this.#cwd], chain: [] };
  }

  async #extend(parent: unknown, path: string, place: Place): Promise<void> {
    const { source } = place;
    if (typeof parent === 'string') await this.#follow(parent, path, place);
    else if (isPlain(parent))
      await this.take(parent, { ...place, source: { ...source, name: `${source.name}, ${path}` } });
    else {
      const expected = 'the name of a preset, a path or an object';
      this.#lose({ code: 'invalid-value', path, origin: source.name, found: show(parent), expected });
    }
  }

  /** Reads the file that a name stands for. */
  async #follow(name: string, path: string, place: Place): Promise<void> {
    const problem = { path, origin: place.source.name, found: show(name) };
    let file: string;
    try {
      file = resolveName(name, 'preset', place.folders);
    } catch (error) {
      const expected = isPath(name)
        ? 'the path of a config file'
        : `one of ${builtInPresets().join(', ')}, a preset package or a path`;
      this.#lose({ ...problem, code: 'unknown-name', expected, hint: presetHint(name) ?? messageOf(error) });
      return;
    }
    if (place.chain.includes(file)) {
      const circle = [...place.chain.slice(place.chain.indexOf(file)), file].join(' → ');
      this.#lose({
        ...problem,
        code: 'cycle',
        expected: 'configs that do not extend each other in a circle',
        hint: circle,
      });
      return;
    }
    const builtIn = isBuiltIn(name);
    try {
      const read = builtIn ? { file, values: await importDefault(file) } : await readConfigFile(file);
      await this.#enter(read, builtIn ? name : file, builtIn ? this.#cwd : dirname(file), place);
    } catch (error) {
      this.#lose({ ...problem, code: 'unreadable', found: `${file}: ${messageOf(error)}`, expected: READABLE });
    }
  }

  async #enter({ file, values }: ConfigFile, name: string, folder: string, from: Place): Promise<void> {
    this.files.push(file);
    if (!isPlain(values)) {
      const expected = 'an object of options';
      this.#lose({ code: 'invalid-value', path: '', origin: name, found: show(values), expected });
      return;
    }
    const folders = [dirname(file), this.#cwd];
    await this.take(values, { source: { name, folder }, folders, chain: [...from.chain, file] });
  }

  #plug(plugin: unknown, path: string, { source: { name: origin }, folders }: Place): void {
    if (typeof plugin !== 'string') {
      this.plugins.push({ plugin, path, origin });
      return;
    }
    try {
      this.plugins.push({ name: plugin, file: resolveName(plugin, 'plugin', folders), path, origin });
    } catch (error) {
      const expected = 'a plugin package, a path or a plugin';
      this.#tell({ code: 'unknown-name', path, origin, found: show(plugin), expected, hint: messageOf(error) });
    }
  }

  #tell(problem: ConfigProblem): void {
    this.problems.push(problem);
  }

  /** Reports a problem that hides part of the config. */
  #lose(problem: ConfigProblem): void {
    this.complete = false;
    this.#tell(problem);
  }
}

/** Returns one value or a list as a list, each with its key path; empty for null. */
function listed(value: unknown, key: string): (readonly [path: string, value: unknown])[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [[key, value]];
  // Array.from, because a list may have holes.
  return Array.from(value, (item, index) => [joinPath(key, index), item]);
}

function presetHint(name: string): string | undefined {
  const known = nearestName(isBuiltIn(name) ? name : `repnas:${name}`, builtInPresets());
  return known && !isPath(name) ? `Did you mean ${known}?` : undefined;
}

const noConfig = (folder: string): ConfigProblem => ({
  code: 'missing',
  path: '',
  found: `no config in ${folder} or the project around it`,
  expected: 'repnas.config.ts (or .js, .json, .yaml), or a "repnas" key in package.json',
  hint: 'Name a preset instead, as in: repnas run repnas:quickstart',
});

/** Keys that name files; only a config may set them. */
const LISTED = ['extends', 'plugins', '$schema'];

/**
 * One `--set key.path=value` as a layer. The value is read as YAML, so that numbers, booleans, null, lists and JSON are what
 * they look like. Its relative paths are relative to `folder`.
 */
export function readSetting(setting: string, folder: string): { layer?: Layer; problems: readonly ConfigProblem[] } {
  const origin = `--set ${setting}`;
  const equals = setting.indexOf('=');
  const path = setting.slice(0, Math.max(0, equals));
  const keys = path.split('.');
  if (keys.some((key) => key === '')) {
    return {
      problems: [{ code: 'invalid-value', path, origin: '--set', found: show(setting), expected: 'key.path=value' }],
    };
  }
  if (LISTED.includes(keys[0] ?? '')) {
    const expected = 'a key of the run itself; presets and plugins are listed in a config file';
    return { problems: [{ code: 'refused', path, origin: '--set', found: show(setting), expected }] };
  }
  let value: unknown;
  try {
    value = parse(setting.slice(equals + 1), { maxAliasCount: 0 });
  } catch (error) {
    const [found = ''] = messageOf(error).split('\n');
    const hint = 'Quote a text that looks like a list or an object.';
    return { problems: [{ code: 'unreadable', path, origin, found, expected: 'a YAML or JSON value', hint }] };
  }
  const { values, problems } = clean(nest(keys, value), origin);
  return { layer: { values, source: { name: origin, folder } }, problems };
}

/** Turns `a.b` and 1 into `{ a: { b: 1 } }`; any key becomes an own key. */
const nest = (keys: readonly string[], value: unknown): Plain =>
  keys.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value) as Plain;
