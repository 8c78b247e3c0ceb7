import { z } from 'zod';
import { defineStrategy } from '../../core/contracts/index.js';
import { architectureOf } from './architecture.js';
import { fixedSession } from './fixed.js';
import { onePhase } from './phases.js';
import { uniformMasks } from './uniform-mask.js';

/** A uniform C-subset of all gates, drawn once and trained from the first step on: what a search has to beat. Of the subsets that leave no block without a branch each is as likely as any other. */
export const random = defineStrategy({
  name: 'random',
  summary: 'a random choice of branches within the budget, drawn once',
  options: z.strictObject({}),
  usesImportance: false,
  usesBudget: true,
  phases: onePhase,
  start: (context) => {
    const { gates, spaces, budget, random: source } = context;
    const stream = source.stream('random-architecture');
    const mask = uniformMasks(budget, gates, spaces)(stream);
    return fixedSession(architectureOf(mask, gates, spaces), context);
  },
});
