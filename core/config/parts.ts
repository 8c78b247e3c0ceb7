import type { Registry } from './container/registry.js';
import { withArticle, messageOf, nearest, show } from './container/describe.js';
import type { BranchOp } from '../contracts/branch-op.js';
import type { Engine } from '../contracts/engine.js';
import type { Chosen } from '../contracts/part.js';
import type { PartKind, PartKinds } from '../contracts/plugin.js';
import type { SearchSpace } from '../contracts/search-space.js';
import type { RunParts } from './run-parts.js';
import { problemsOf } from './issues.js';
import { inputSchema } from './json-schema.js';
import { joinPath } from './plain.js';
import type { ConfigProblem } from './problem.js';
import { CHOICE_LISTS, CHOICES, type PartChoice, type ResolvedConfig } from './schema.js';

/** Branch op of the blocks that are not searched. */
const PLAIN = 'conv-kxk';

/** The resolved parts; complete if there are no problems. */
export interface ResolvedParts {
  readonly parts: { readonly [Key in keyof RunParts]: RunParts[Key] | undefined };
  readonly problems: readonly ConfigProblem[];
}

type Choose = <Kind extends PartKind>(
  kind: Kind,
  choice: PartChoice,
  path: string,
) => Chosen<PartKinds[Kind]> | undefined;

/**
 * Finds every part that a config names and validates its options, all problems at once. Keys of the config that are themselves
 * wrong may be absent; their parts are then left out.
 */
export function resolveParts(
  config: Partial<ResolvedConfig>,
  registry: Registry,
  originOf: (path: string) => string | undefined,
): ResolvedParts {
  const problems: ConfigProblem[] = [];

  const choose: Choose = (kind, { name, ...options }, path) => {
    const registered = registry.find(kind, name);
    if (!registered) {
      problems.push(unknownPart(kind, name, path, originOf(path), registry));
      return undefined;
    }
    const definition = registered.part as PartKinds[typeof kind];
    const parsed = attempt(() => definition.options.safeParse(options));
    if ('error' in parsed) {
      const found = `an error in the options schema of ${kind} '${name}': ${parsed.error}`;
      problems.push({
        code: 'plugin',
        path,
        origin: registered.origin,
        found,
        expected: 'a schema that checks at once',
      });
    } else if (parsed.value.success) return { definition, options: parsed.value.data };
    else
      problems.push(
        ...problemsOf(parsed.value.error, options, { prefix: path, schema: inputSchema(definition.options), originOf }),
      );
    return undefined;
  };
  const one = <Key extends keyof typeof CHOICES>(key: Key) => {
    const choice = config[key];
    return choice ? choose(CHOICES[key], choice, key) : undefined;
  };
  const several = <Key extends keyof typeof CHOICE_LISTS>(key: Key) =>
    present((config[key] ?? []).map((choice, index) => choose(CHOICE_LISTS[key], choice, joinPath(key, index))));

  const searchSpace = one('searchSpace');
  const auto = config.engine?.name === 'auto' && Object.keys(config.engine).length === 1;
  const parts: ResolvedParts['parts'] = {
    strategy: one('strategy'),
    baseline: one('baseline'),
    searchSpace,
    branchOps: searchSpace && offeredOps(searchSpace, choose, originOf, problems),
    plain: choose('branch-op', { name: PLAIN }, 'searchSpace'),
    importance: one('importance'),
    weightSharing: one('weightSharing'),
    fuser: one('fuser'),
    backbone: one('backbone'),
    dataset: one('dataset'),
    exporters: several('export'),
    observers: several('observers'),
    engines: auto ? everyEngine(registry) : present([one('engine')]),
  };
  return { parts, problems };
}

const present = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value) => value !== undefined);

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: string } {
  try {
    return { value: work() };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function unknownPart(
  kind: PartKind,
  name: string,
  path: string,
  origin: string | undefined,
  registry: Registry,
): ConfigProblem {
  const names = [...registry.names(kind), ...(kind === 'engine' ? ['auto'] : [])];
  const hint = nearest(name, names) ?? 'List the plugin that brings it under plugins.';
  const expected = names.length > 0 ? `one of ${names.join(', ')}` : `${withArticle(kind)}, of which there are none`;
  return { code: 'unknown-name', path, origin, found: `${show(name)}, which is no ${kind}`, expected, hint };
}

/** Resolves the branch ops that a search space offers, by name. */
function offeredOps(
  { definition, options }: Chosen<SearchSpace>,
  choose: Choose,
  originOf: (path: string) => string | undefined,
  problems: ConfigProblem[],
): ReadonlyMap<string, Chosen<BranchOp>> {
  const path = 'searchSpace.branches';
  const ops = new Map<string, Chosen<BranchOp>>();
  const offered = attempt(() => definition.branchOps(options));
  if ('error' in offered) {
    const expected = 'a list of branch ops';
    problems.push({
      code: 'plugin',
      path: 'searchSpace',
      origin: originOf('searchSpace'),
      found: offered.error,
      expected,
    });
    return ops;
  }
  for (const [index, { name, options }] of offered.value.entries()) {
    const at = joinPath(path, index);
    if (ops.has(name)) {
      const found = `${show(name)} a second time`;
      problems.push({ code: 'refused', path: at, origin: originOf(at), found, expected: 'every branch op once' });
    }
    const op = choose('branch-op', { ...options, name }, at);
    if (op) ops.set(name, op);
  }
  return ops;
}

/** Lists the engines that need no options, in the order of `auto`. */
const everyEngine = (registry: Registry): Chosen<Engine>[] =>
  registry
    .parts('engine')
    .map(({ part }) => part)
    .sort((a, b) => a.order - b.order)
    .flatMap((definition) => {
      const options = definition.options.safeParse({});
      return options.success ? [{ definition, options: options.data }] : [];
    });
