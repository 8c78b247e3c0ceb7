import { z } from 'zod';
import {
  type Architecture,
  defineStrategy,
  type Probe,
  type StrategyContext,
  type StrategySession,
} from '../../core/contracts/index.js';
import { maskOf, PLAIN, without } from './architecture.js';
import { FROZEN, searchPhases } from './phases.js';
import { costOf, countsGates, within } from './top-mask.js';

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
  budgetIn: 'costs',
  budgetHolds: 'last-phase',
  phases: searchPhases,
  start: (context) => shrinkingSession(context),
});

function shrinkingSession(context: StrategyContext): StrategySession {
  const { spaces, gates, budget, costs, importance } = context;
  const everything = costs.reduce((sum, cost) => sum + cost, 0);
  checkSpaces(context);
  let architecture: Architecture = Object.fromEntries(spaces.map(({ block, branches }) => [block, branches]));
  /** Of `architecture`, which every step asks for. */
  let mask = maskOf(architecture, gates);
  /** Returns the limit after a part of the search, from all gates to the budget in equal steps. */
  const allowed = (done: number): number => {
    const cost = everything - (everything - budget) * done;
    return countsGates(costs) ? Math.round(cost) : cost;
  };

  /** The branches to cut, by block: the lowest-ranked active ones, until the others keep the limit. */
  const surplus = (limit: number): Architecture => {
    const ranks = importance.rank();
    const lowest = [...gates.keys()]
      .filter((gate) => mask[gate] === 1 && gates[gate]?.branch !== PLAIN)
      .sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || b - a);
    const cut: Record<string, string[]> = {};
    let spent = costOf(mask, costs);
    for (const gate of lowest) {
      if (within(spent, limit)) break;
      const cost = costs[gate] as number;
      // A branch that costs nothing is never in the way.
      if (cost === 0) continue;
      const { block, branch } = gates[gate] as (typeof gates)[number];
      cut[block] = [...(cut[block] ?? []), branch];
      spent -= cost;
    }
    return cut;
  };

  const shrinkTo = async (limit: number, probe: Probe): Promise<void> => {
    const cut = surplus(limit);
    if (Object.keys(cut).length === 0) return;
    // Before the first step there is nothing to fold.
    if (probe.parameters.names.length > 0) await probe.cut(cut);
    architecture = without(architecture, cut);
    mask = maskOf(architecture, gates);
  };

  return {
    select: () => ({ mask }),
    learn: ({ progress, phaseSteps }, { gateGradients, parameters }) =>
      importance.learn({ ranks: importance.rank(), mask, gateGradients, progress, phaseSteps, parameters }),
    beforePhase: async ({ name }, probe) => {
      // Without an epoch of search the budget has not been met yet.
      if (name === FROZEN) await shrinkTo(budget, probe);
      return architecture;
    },
    afterEpoch: async ({ phase, progress }, probe) => {
      if (!phase.searches) return undefined;
      await importance.examine?.(mask, probe);
      await shrinkTo(allowed(progress), probe);
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
function checkSpaces({ spaces, gates, budget, costs }: StrategyContext): void {
  const bare = spaces.find(({ branches }) => !branches.includes(PLAIN));
  if (bare) {
    throw new Error(
      `strategy shrink folds branches into ${PLAIN}, which block ${bare.block} does not have; add it to searchSpace.branches`,
    );
  }
  const needed = costs.reduce((sum, cost, gate) => sum + (gates[gate]?.branch === PLAIN ? cost : 0), 0);
  if (within(needed, budget)) return;
  const takes = countsGates(costs)
    ? `${needed} gates; the budget is ${budget}`
    : `${(needed / budget).toPrecision(3)} times what the budget leaves for gates`;
  throw new Error(`strategy shrink keeps ${PLAIN} in every block, which takes ${takes}: raise it`);
}
