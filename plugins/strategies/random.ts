import { z } from 'zod';
import { defineStrategy } from '../../core/contracts/index.js';
import { architectureOf } from './architecture.js';
import { fixedSession, onePhase } from './fixed.js';
import { topMask } from './top-mask.js';

/** A uniform C-subset of all gates, drawn once and trained from the first step on: what a search has to beat. A block that it leaves empty gets one gate of a block that has two. */
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
    const ranks = Float64Array.from(gates, () => stream.uniform());
    return fixedSession(architectureOf(topMask(ranks, budget, gates, spaces).mask, gates, spaces), context);
  },
});
