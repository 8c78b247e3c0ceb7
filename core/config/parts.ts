import { z } from 'zod';
import type { Registry } from '../container/registry.js';
import type { BranchOp } from '../contracts/branch-op.js';
import type { Engine } from '../contracts/engine.js';
import type { Chosen } from '../contracts/part.js';
import type { PartKind, PartKinds } from '../contracts/plugin.js';
import type { RunParts } from '../run/parts.js';
import { originAt } from './merge.js';
import { type ConfigProblem, nearest, problemsOf, show } from './problem.js';
import type { PartChoice, ResolvedConfig } from './schema.js';

/** The branch op that blocks outside the search keep. */
const PLAIN = 'conv-kxk';

/**
 * Finds every part that a config names and validates its options. What could not be resolved is among the problems; the parts
 * are complete only when there are none.
 */
export function resolveParts(
  config: ResolvedConfig,
  registry: Registry,
  origins: ReadonlyMap<string, string>,
): { readonly parts: RunParts | undefined; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const originOf = (path: string): string | undefined => originAt(origins, path);

  const choose = <Kind extends PartKind>(
    kind: Kind,
    choice: PartChoice,
    path: string,
  ): Chosen<PartKinds[Kind]> | undefined => {
    const { name, ...options } = choice;
    const registered = registry.find(kind, name);
    if (!registered) {
      const names = registry.parts(kind).map(({ part }) => part.name);
      const hint = nearest(name, names) ?? 'List the plugin that brings it under plugins.';
      problems.push({
        code: 'unknown-name',
        path,
        origin: originOf(path),
        found: show(name),
        expected: `one of ${names.join(', ')}`,
        hint,
      });
      return undefined;
    }
    const definition = registered.part as PartKinds[Kind];
    const parsed = definition.options.safeParse(options);
    if (parsed.success) return { definition, options: parsed.data };
    const known = () => keysOf(definition.options);
    problems.push(
      ...problemsOf(parsed.error, options, { prefix: path, originOf, known: (at) => (at.length === 0 ? known() : []) }),
    );
    return undefined;
  };

  const list = <Kind extends PartKind>(kind: Kind, choices: readonly PartChoice[], path: string) =>
    choices.map((choice, index) => choose(kind, choice, `${path}.${index}`));
  const present = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value) => value !== undefined) as T[];

  const searchSpace = choose('search-space', config.searchSpace, 'searchSpace');
  const offered = searchSpace?.definition.branchOps(searchSpace.options) ?? [];
  const branchOps = offered.map(({ name, options }, index) =>
    choose('branch-op', { ...options, name }, `searchSpace.branches.${index}`),
  );
  const strategy = choose('strategy', config.strategy, 'strategy');
  const resolved = {
    strategy,
    baseline: config.baseline === false ? undefined : choose('strategy', config.baseline, 'baseline'),
    searchSpace,
    branchOps: new Map(present(branchOps).map((op): [string, Chosen<BranchOp>] => [op.definition.name, op])),
    plain: choose('branch-op', { name: PLAIN }, 'searchSpace'),
    importance: choose('importance-estimator', config.importance, 'importance'),
    weightSharing: choose('weight-sharing', config.weightSharing, 'weightSharing'),
    fuser: choose('fuser', config.fuser, 'fuser'),
    backbone: choose('backbone', config.backbone, 'backbone'),
    dataset: choose('dataset', config.dataset, 'dataset'),
    exporters: present(list('exporter', config.export, 'export')),
    observers: present(list('observer', config.observers, 'observers')),
    engines:
      config.engine.name === 'auto' ? everyEngine(registry) : present([choose('engine', config.engine, 'engine')]),
  };
  if (strategy) problems.push(...unusedProblems(config, strategy.definition, origins));
  return { parts: problems.length === 0 ? (resolved as RunParts) : undefined, problems };
}

/** All engines that need no options, in the order in which `auto` asks them. */
const everyEngine = (registry: Registry): Chosen<Engine>[] =>
  registry
    .parts('engine')
    .map(({ part }) => part)
    .sort((a, b) => a.order - b.order)
    .flatMap((definition) => {
      const options = definition.options.safeParse({});
      return options.success ? [{ definition, options: options.data }] : [];
    });

/** A budget or an estimator that the strategy beside it does not use is a mistake; one that a shared recipe brings is not. */
function unusedProblems(
  config: ResolvedConfig,
  strategy: PartKinds['strategy'],
  origins: ReadonlyMap<string, string>,
): ConfigProblem[] {
  const own = originAt(origins, 'strategy');
  const beside = (path: string) =>
    own !== undefined &&
    [...origins].some(([key, origin]) => origin === own && (key === path || key.startsWith(`${path}.`)));
  const unused = [
    ...(!strategy.usesBudget && beside('budget') ? [['budget', config.budget] as const] : []),
    ...(!strategy.usesImportance && beside('importance') ? [['importance', config.importance.name] as const] : []),
  ];
  return unused.map(([path, value]) => ({
    code: 'refused',
    path,
    origin: own,
    found: show(value),
    expected: `none beside strategy ${strategy.name}, which does not use it`,
    hint: 'Take it out, or choose another strategy.',
  }));
}

/** The keys an options schema knows. */
export function keysOf(schema: z.ZodType): string[] {
  try {
    const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return Object.keys(properties);
  } catch {
    return [];
  }
}
