import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importDefault, type ListedPlugin, message } from '../config/layers.js';
import { type ConfigProblem, nearest, show } from '../config/problem.js';
import { API_VERSION, type PartKind, type Plugin, type PluginHost } from '../contracts/plugin.js';
import { PART_KINDS, type Registered, Registry } from './registry.js';

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** What each kind of part must be able to do. */
const METHODS: Record<PartKind, readonly string[]> = {
  'branch-op': ['exists', 'kernels', 'forward', 'fold', 'macs'],
  'search-space': ['branchOps', 'blockSpace'],
  'importance-estimator': ['start'],
  'weight-sharing': ['bind'],
  fuser: ['fuse'],
  strategy: ['phases', 'start'],
  backbone: ['build'],
  dataset: ['open'],
  engine: ['probe', 'start'],
  exporter: ['export'],
  observer: ['start'],
};

/** Sets up the built-in plugins and those that a config lists. What is wrong with one of them is told, and the others are not hurt. */
export async function createRegistry(
  listed: readonly ListedPlugin[],
): Promise<{ registry: Registry; problems: ConfigProblem[] }> {
  const registry = new Registry();
  const problems: ConfigProblem[] = [];
  const builtIn = fileURLToPath(new URL('../../plugins/index.js', import.meta.url));
  for (const plugin of (await importDefault(builtIn)) as readonly Plugin[])
    setUp(plugin, 'built-in', registry, problems);
  for (const entry of listed) {
    if ('plugin' in entry) {
      setUp(entry.plugin, entry.origin, registry, problems);
      continue;
    }
    const origin = originOf(entry.file);
    try {
      setUp(await importDefault(entry.file), origin, registry, problems);
    } catch (error) {
      problems.push(
        pluginProblem(
          entry.name,
          origin,
          `an error while it was loaded: ${message(error)}`,
          'a module whose default export is a plugin',
        ),
      );
    }
  }
  return { registry, problems };
}

/** `package@version` where the file belongs to a package, else the file. */
function originOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (!folder.includes('node_modules')) break;
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        string
      >;
      if (name) return `${name}@${version}`;
    } catch {
      // No package.json here; the package starts further up.
    }
  }
  return file;
}

function setUp(given: unknown, origin: string, registry: Registry, problems: ConfigProblem[]): void {
  const plugin = given as Partial<Plugin> | null | undefined;
  const name = typeof plugin?.name === 'string' ? plugin.name : origin;
  const refuse = (found: string, expected: string, hint?: string) =>
    void problems.push(pluginProblem(name, origin, found, expected, hint));
  if (
    typeof plugin !== 'object' ||
    plugin === null ||
    typeof plugin.setup !== 'function' ||
    typeof plugin.name !== 'string'
  ) {
    refuse(show(given), 'a plugin: { name, apiVersion, setup }', 'Write it with definePlugin.');
    return;
  }
  if (plugin.apiVersion !== API_VERSION) {
    refuse(
      `apiVersion ${show(plugin.apiVersion)}`,
      `apiVersion ${API_VERSION}`,
      'Install a version of the plugin that fits this version of repnas.',
    );
    return;
  }
  const added: Registered[] = [];
  let open = true;
  const host: PluginHost = {
    add: (kind, part) => {
      if (!open) throw new Error(`plugin ${name} adds a part after its setup has ended`);
      added.push({ kind, part, plugin: name, origin });
    },
  };
  try {
    plugin.setup(host);
  } catch (error) {
    refuse(`an error in setup: ${message(error)}`, 'a setup that adds parts');
    return;
  } finally {
    open = false;
  }
  for (const registered of added) {
    const wrong = shapeProblem(registered);
    if (wrong) {
      refuse(...wrong);
      continue;
    }
    const { kind, part } = registered;
    const other = registry.find(kind, part.name);
    if (other) {
      refuse(
        `${kind} '${part.name}', which plugin ${other.plugin} (${other.origin}) has added already`,
        'a name of its own',
      );
    } else registry.add(Object.freeze(registered));
  }
}

function shapeProblem({
  kind,
  part,
}: Registered): [found: string, expected: string, hint?: string | undefined] | undefined {
  if (!PART_KINDS.includes(kind))
    return [`a part of kind ${show(kind)}`, `one of ${PART_KINDS.join(', ')}`, nearest(String(kind), PART_KINDS)];
  const object = part as unknown as Record<string, unknown> | null | undefined;
  if (typeof object !== 'object' || object === null) return [show(part), `a ${kind}`];
  if (typeof object['name'] !== 'string' || !NAME.test(object['name'])) {
    return [`a ${kind} named ${show(object['name'])}`, 'a name of lower-case words joined by hyphens'];
  }
  const missing = METHODS[kind].filter((method) => typeof object[method] !== 'function');
  if (missing.length > 0)
    return [
      `${kind} '${object['name']}' without ${missing.map((method) => `${method}()`).join(', ')}`,
      `all of ${METHODS[kind].join(', ')}`,
    ];
  const { options } = object as { options?: { safeParse?: unknown } };
  if (typeof options?.safeParse !== 'function')
    return [`${kind} '${object['name']}' with options ${show(options)}`, 'a zod schema of its options'];
  if (typeof object['summary'] !== 'string')
    return [`${kind} '${object['name']}' without a summary`, 'one line of what it is'];
  return undefined;
}

const pluginProblem = (
  name: string,
  origin: string,
  found: string,
  expected: string,
  hint?: string,
): ConfigProblem => ({
  code: 'plugin',
  path: `plugin ${name}`,
  origin,
  found,
  expected,
  hint,
});
