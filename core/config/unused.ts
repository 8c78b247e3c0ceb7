import { show } from './container/describe.js';
import { type Origins, originAt } from './merge.js';
import type { ResolvedParts } from './parts.js';
import type { ConfigProblem } from './problem.js';
import type { ResolvedConfig } from './schema.js';

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
