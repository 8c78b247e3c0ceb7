import { show } from './container/describe.js';
import type { ResolvedParts } from './parts.js';
import type { ConfigProblem } from './problem.js';
import type { ResolvedConfig } from './schema.js';

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
