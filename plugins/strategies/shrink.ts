import { z } from 'zod';
import {
  type Architecture,
  defineStrategy,
  type Lab,
  type StrategyContext,
  type StrategySession,
} from '../../core/contracts/index.js';
import { maskOf, PLAIN, without } from './architecture.js';
import { FROZEN, searchPhases } from './phases.js';

/**
 * Shrinking: every branch is trained from the first step. After each epoch of the search the least important branches of all
 * layers together are folded into the KxK branch of their block, so that the network computes the same with fewer branches,
 * until the budget holds; what is left is trained on. Nothing that was learnt is dropped, and no mask is ever drawn.
 */
export const shrink = defineStrategy({
  name: 'shrink',
  summary: 'trains all branches, then folds the least important ones into KxK, epoch by epoch, until the budget holds',
  options: z.strictObject({}),
  usesImportance: true,
  usesBudget: true,
  budgetHolds: 'last-phase',
  phases: searchPhases,
  start: (context) => shrinkingSession(context),
});

function shrinkingSession(context: StrategyContext): StrategySession {
  const { spaces, gates, budget, importance } = context;
  checkSpaces(context);
  let architecture: Architecture = Object.fromEntries(spaces.map(({ block, branches }) => [block, branches]));
  /** Of `architecture`, which every step asks for. */
  let mask = maskOf(architecture, gates);
  /** The gates that stay after a part of the search, from all of them to the budget in equal steps. */
  const kept = (done: number): number => Math.round(gates.length - (gates.length - budget) * done);

  /** The branches to cut, by block: the lowest-ranked active ones, as many as there are too many. */
  const surplus = (limit: number): Architecture => {
    const ranks = importance.rank();
    const active = [...gates.keys()].filter((gate) => mask[gate] === 1);
    const lowest = active
      .filter((gate) => gates[gate]?.branch !== PLAIN)
      .sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || b - a)
      .slice(0, Math.max(0, active.length - limit));
    const cut: Record<string, string[]> = {};
    for (const gate of lowest) {
      const { block, branch } = gates[gate] as (typeof gates)[number];
      cut[block] = [...(cut[block] ?? []), branch];
    }
    return cut;
  };

  const shrinkTo = async (limit: number, lab: Lab): Promise<void> => {
    const cut = surplus(limit);
    if (Object.keys(cut).length === 0) return;
    // Before the first step there is nothing to fold.
    if (lab.parameters.names.length > 0) await lab.cut(cut);
    architecture = without(architecture, cut);
    mask = maskOf(architecture, gates);
  };

  return {
    select: () => ({ mask }),
    learn: ({ progress, phaseSteps }, { gateGradients, parameters }) =>
      importance.learn({ ranks: importance.rank(), mask, gateGradients, progress, phaseSteps, parameters }),
    beforePhase: async ({ name }, lab) => {
      // Without an epoch of search the budget has not been met yet.
      if (name === FROZEN) await shrinkTo(budget, lab);
      return architecture;
    },
    afterEpoch: async ({ phase, progress }, lab) => {
      if (!phase.searches) return undefined;
      await importance.examine?.(mask, lab);
      await shrinkTo(kept(progress), lab);
      return architecture;
    },
    architecture: () => architecture,
    save: () => ({ arrays: {}, values: { architecture } }),
    restore: ({ values }) => {
      architecture = values['architecture'] as Architecture;
      mask = maskOf(architecture, gates);
    },
  };
}

/** @throws Error when a block has no KxK branch to fold into, or the budget cannot keep one in every block. */
function checkSpaces({ spaces, budget }: StrategyContext): void {
  const bare = spaces.find(({ branches }) => !branches.includes(PLAIN));
  if (bare) {
    throw new Error(
      `strategy shrink folds branches into ${PLAIN}, which block ${bare.block} does not have; add it to searchSpace.branches`,
    );
  }
  const needed = spaces.filter(({ always }) => !always.includes(PLAIN)).length;
  if (budget < needed) {
    throw new Error(
      `strategy shrink keeps ${PLAIN} in every block, which takes ${needed} gates; the budget is ${budget}: raise it`,
    );
  }
}
