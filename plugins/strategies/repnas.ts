import { z } from 'zod';
import { type Architecture, type BlockSpace, defineStrategy, type StepPosition } from '../../core/contracts/index.js';
import { architectureOf, PLAIN } from './architecture.js';
import { FROZEN, searchPhases } from './phases.js';
import { checkBudget, topMask } from './top-mask.js';

/**
 * RepNAS (arXiv 2109.03508): one stage, one level. Every step keeps the C highest-ranked gates of all layers together, ranked
 * with noise; in the search phase the ranking learns from the same backward pass that trains the weights. Then the
 * architecture is frozen by the ranking without noise, and training goes on with the inherited weights.
 */
export const repnas = defineStrategy({
  name: 'repnas',
  summary: 'learns which branches to keep while training, under a budget over all layers (RepNAS)',
  options: z.strictObject({
    freeze: z
      .enum(['drop', 'fold'])
      .default('drop')
      .describe(
        'what becomes of branches that are not chosen: dropped, as in the released code, or folded into KxK where it is kept',
      ),
  }),
  usesImportance: true,
  usesBudget: true,
  budgetIn: 'costs',
  phases: searchPhases,
  start: ({ spaces, gates, budget, costs, importance, random, warn }, { freeze }) => {
    const limit = { budget, costs };
    checkBudget(limit, gates, spaces);
    let told = new Set<string>();
    const tell = (kind: string, words: string): void => {
      if (told.has(kind)) return;
      told.add(kind);
      warn(words);
    };
    const choose = (ranks: Float64Array, phase: string): Uint8Array => {
      const { mask, rescued } = topMask(ranks, limit, gates, spaces);
      if (rescued.length === 0) return mask;
      // The noise of a search leaves some block without a branch now and then; of the architecture that it ends with, people are told all.
      if (phase === FROZEN)
        tell(
          FROZEN,
          `the ranking leaves ${rescued.join(', ')} without a branch: each keeps its best one, inside the budget`,
        );
      else
        tell(
          'noise',
          `phase ${phase}: the ranking left block ${rescued[0]} without a branch, so it got its best one, inside the budget; this is not told again`,
        );
      return mask;
    };
    return {
      select: ({ phase, step }: StepPosition) => {
        if (phase.name === FROZEN) return { mask: choose(importance.rank(), FROZEN) };
        const ranks = importance.rank(random.stream('gates', step));
        const mask = choose(ranks, phase.name);
        const values = importance.values?.(ranks, mask);
        return { mask, ranks, ...(values && { values }) };
      },
      learn: ({ progress, phaseSteps }, { selection, gateGradients, parameters }) => {
        const { mask, ranks = new Float64Array(mask.length) } = selection;
        importance.learn({ ranks, mask, gateGradients, progress, phaseSteps, parameters });
      },
      beforePhase: async (phase, probe) => {
        if (phase.name !== FROZEN) return undefined;
        const chosen = architectureOf(choose(importance.rank(), FROZEN), gates, spaces);
        if (freeze === 'fold' && probe.parameters.names.length > 0) await probe.cut(foldable(spaces, chosen));
        return chosen;
      },
      architecture: () => architectureOf(topMask(importance.rank(), limit, gates, spaces).mask, gates, spaces),
      save: () => ({ arrays: {}, values: { told: [...told] } }),
      restore: ({ values }) => {
        told = new Set((values['told'] ?? []) as string[]);
      },
    };
  },
});

/** The branches that are not chosen, of blocks whose KxK branch is. */
const foldable = (spaces: readonly BlockSpace[], chosen: Architecture): Architecture =>
  Object.fromEntries(
    spaces.map(({ block, branches }) => {
      const kept = chosen[block] ?? [];
      return [block, kept.includes(PLAIN) ? branches.filter((branch) => !kept.includes(branch)) : []];
    }),
  );
