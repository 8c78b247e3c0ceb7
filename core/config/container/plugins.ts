import { fileURLToPath } from 'node:url';
import { API_VERSION, type PartKind, type PartKinds, type Plugin, type PluginHost } from '../../contracts/plugin.js';
import type { ServiceFactory, ServiceToken } from '../../contracts/services.js';
import { messageOf, show } from './describe.js';
import { importDefault, packageOf } from './module.js';
import { Registry } from './registry.js';
import { type ShapeProblem, shapeProblem } from './shape.js';

/** A plugin that a config lists: an object, or the file that a name stands for. */
export type ListedPlugin = {
  /** Key path and source of the listing, for messages. */
  readonly path: string;
  readonly origin: string;
} & ({ readonly plugin: unknown } | { readonly name: string; readonly file: string });

/** A problem with one plugin; others are unaffected. */
export interface PluginProblem extends ShapeProblem {
  /** Its name if known, else its file. */
  readonly plugin: string;
  /** Package and version, or file. */
  readonly from: string;
  /** The listing that named it; undefined for built-in plugins. */
  readonly listed?: ListedPlugin;
}

/** The parts of a run, and the problems that kept others out. */
export interface RunContainer {
  readonly registry: Registry;
  readonly problems: readonly PluginProblem[];
}

const BUILT_IN = 'built-in';

/** Sets up the built-in plugins, then those that a config lists, each once, and freezes the registry. */
export async function createRunContainer(listed: readonly ListedPlugin[] = []): Promise<RunContainer> {
  const registry = new Registry();
  const problems: PluginProblem[] = [];
  for (const plugin of await builtInPlugins()) problems.push(...setUp(plugin, BUILT_IN, registry));
  for (const entry of distinct(listed)) {
    const found = await load(entry, registry);
    problems.push(...found.map((problem) => ({ ...problem, listed: entry })));
  }
  registry.freeze();
  return { registry, problems };
}

/** Loads the built-in plugins by their place at run time: core imports no plugin. */
async function builtInPlugins(): Promise<readonly Plugin[]> {
  return (await importDefault(
    fileURLToPath(new URL('../../../plugins/index.js', import.meta.url)),
  )) as readonly Plugin[];
}

/** Two presets may list the same plugin; it is set up once. */
function distinct(listed: readonly ListedPlugin[]): ListedPlugin[] {
  const first = new Map<unknown, ListedPlugin>();
  for (const entry of listed) {
    const key = 'file' in entry ? entry.file : entry.plugin;
    if (!first.has(key)) first.set(key, entry);
  }
  return [...first.values()];
}

async function load(entry: ListedPlugin, registry: Registry): Promise<PluginProblem[]> {
  if ('plugin' in entry) return setUp(entry.plugin, entry.origin, registry);
  const from = packageOf(entry.file) ?? entry.file;
  let plugin: unknown;
  try {
    plugin = await importDefault(entry.file);
  } catch (error) {
    const found = `an error while it was loaded: ${messageOf(error)}`;
    return [{ plugin: entry.name, from, found, expected: 'a module whose default export is a plugin' }];
  }
  return setUp(plugin, from, registry, entry.name);
}

function setUp(given: unknown, from: string, registry: Registry, known?: string): PluginProblem[] {
  const plugin = given as Partial<Plugin> | null | undefined;
  const name = typeof plugin?.name === 'string' ? plugin.name : (known ?? from);
  const refused = (problem: ShapeProblem): PluginProblem => ({ plugin: name, from, ...problem });
  const wrong = pluginProblem(given);
  if (wrong) return [refused(wrong)];
  const added = contributions(given as Plugin);
  if (!Array.isArray(added)) return [refused(added)];
  return added.flatMap((one) => {
    if ('token' in one) return replaced(one, registry).map(refused);
    const { kind, part } = one;
    const problem = shapeProblem(kind, part) ?? claimed(kind, part, registry);
    if (problem) return [refused(problem)];
    registry.add(Object.freeze({ kind, part, plugin: name, origin: from }));
    return [];
  });
}

function pluginProblem(given: unknown): ShapeProblem | undefined {
  const { name, apiVersion, setup } = (given ?? {}) as Record<string, unknown>;
  if (typeof given !== 'object' || typeof name !== 'string' || typeof setup !== 'function') {
    const expected = 'a plugin: { name, apiVersion, setup }';
    return { found: show(given), expected, hint: 'Write it with definePlugin, as the default export.' };
  }
  if (apiVersion !== API_VERSION) {
    const hint = 'Install a version of the plugin that fits this version of repnas.';
    return { found: `apiVersion ${show(apiVersion)}`, expected: `apiVersion ${API_VERSION}`, hint };
  }
  return undefined;
}

/** A plugin's addition: a part, or the replacement of a service. */
type Contribution =
  | { readonly kind: PartKind; readonly part: PartKinds[PartKind] }
  | { readonly token: ServiceToken<unknown>; readonly make: ServiceFactory<unknown> };

/** Collects what a plugin adds during set-up; nothing if set-up fails half-way. */
function contributions(plugin: Plugin): Contribution[] | ShapeProblem {
  const added: Contribution[] = [];
  let open = true;
  // Only the types know what `added` holds.
  const host = Object.freeze({
    add: (kind: PartKind, part: PartKinds[PartKind]) => {
      if (!open) throw new Error(`plugin ${plugin.name} adds a part after its set-up has ended`);
      added.push({ kind, part });
      return host;
    },
    provide: (token: ServiceToken<unknown>, make: ServiceFactory<unknown>) => {
      if (!open) throw new Error(`plugin ${plugin.name} replaces a service after its set-up has ended`);
      added.push({ token, make });
      return host;
    },
  }) as PluginHost<never>;
  const expected = 'a setup that adds parts and returns nothing';
  try {
    const result: unknown = plugin.setup(host);
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return added;
    // Whatever it does next is ignored, including its failure.
    Promise.resolve(result).catch(() => undefined);
    return { found: 'a setup that returns a promise', expected };
  } catch (error) {
    return { found: `an error in setup: ${messageOf(error)}`, expected };
  } finally {
    open = false;
  }
}

function claimed(kind: PartKind, { name }: PartKinds[PartKind], registry: Registry): ShapeProblem | undefined {
  const other = registry.find(kind, name);
  if (!other) return undefined;
  const found = `${kind} '${name}', which plugin ${other.plugin} (${other.origin}) has added already`;
  return { found, expected: 'a name of its own', hint: 'List only one of the two plugins.' };
}

/** Registers a replacement; returns the problem with it, if there is one. */
function replaced(
  { token, make }: Extract<Contribution, { readonly token: unknown }>,
  registry: Registry,
): ShapeProblem[] {
  const name: unknown = (token as ServiceToken<unknown> | undefined)?.name;
  if (typeof name !== 'string' || typeof make !== 'function')
    return [
      {
        found: `${show(token)} as a service, made by ${show(make)}`,
        expected: 'a token such as CLOCK, and a function',
      },
    ];
  if (registry.provide(token, make)) return [];
  const found = `another service '${name}', which a plugin has replaced already`;
  return [{ found, expected: 'one replacement of a service', hint: 'List only one of the two plugins.' }];
}
