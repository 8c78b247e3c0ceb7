import { show } from './container/describe.js';
import type { ResolvedParts } from './parts.js';
import type { ConfigProblem } from './problem.js';
import type { ResolvedConfig } from './schema.js';
import { type Origins, originAt } from './merge.js';

/** Checks across the keys of a config: what a strategy needs, and what it does not use. Schemas check one key at a time. */

/**
 * Reports a missing validation split for a strategy that measures masks; otherwise the error would come at the end of
 * its first phase.
 */
export function needsProblems(
  { validation }: Partial<ResolvedConfig>,
  { strategy, baseline, importance }: ResolvedParts['parts'],
  originOf: (path: string) => string | undefined,
): ConfigProblem[] {
  const estimator = strategy?.definition.usesImportance ? importance : undefined;
  const needy = [strategy, baseline, estimator].find((chosen) => chosen?.definition.needsValidation);
  if (!needy || !validation || validation.fraction > 0) return [];
  const path = 'validation.fraction';
  return [
    {
      code: 'refused',
      path,
      origin: originOf(path) ?? originOf('strategy'),
      found: show(validation.fraction),
      expected: `a fraction above 0 beside ${needy.definition.name}, which measures masks on a validation split`,
      hint: 'Set it to 0.1, say.',
    },
  ];
}

/** Reports a budget by cost for a strategy that counts gates. */
export function budgetProblems(
  { budget }: Partial<ResolvedConfig>,
  { strategy, baseline }: ResolvedParts['parts'],
  originOf: (path: string) => string | undefined,
): ConfigProblem[] {
  if (!budget || 'branches' in budget || 'keptRatio' in budget) return [];
  const counting = [strategy, baseline].find(
    (chosen) => chosen?.definition.usesBudget && chosen.definition.budgetIn !== 'costs',
  );
  if (!counting) return [];
  return [
    {
      code: 'refused',
      path: 'budget',
      origin: originOf('budget') ?? originOf('strategy'),
      found: show(budget),
      expected: `keptRatio or branches beside strategy ${counting.definition.name}, which counts gates`,
    },
  ];
}

/** Reports a budget or estimator set beside a strategy that does not use it; one from a shared recipe is fine. */
export function unusedProblems(
  config: Partial<ResolvedConfig>,
  { strategy, baseline }: ResolvedParts['parts'],
  origins: Origins,
): ConfigProblem[] {
  const own = originAt(origins, 'strategy');
  if (!strategy || !own) return [];
  const beside = (key: string): boolean =>
    [...origins].some(([path, source]) => source === own && (path === key || path.startsWith(`${key}.`)));
  const used = (what: 'usesBudget' | 'usesImportance'): boolean =>
    strategy.definition[what] || (baseline?.definition[what] ?? false);
  const unused = [
    ...(used('usesBudget') ? [] : [['budget', config.budget] as const]),
    ...(used('usesImportance') ? [] : [['importance', config.importance?.name] as const]),
  ];
  return unused
    .filter(([key, value]) => value !== undefined && beside(key))
    .map(([key, value]) => ({
      code: 'refused',
      path: key,
      origin: own.name,
      found: show(value),
      expected: `none beside strategy ${strategy.definition.name}, which does not use it`,
      hint: 'Take it out, or choose another strategy.',
    }));
}
