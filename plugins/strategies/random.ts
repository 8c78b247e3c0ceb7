import { z } from 'zod';
import { defineStrategy } from '../../core/contracts/index.js';
import { architectureOf } from './architecture.js';
import { fixedSession } from './fixed.js';
import { onePhase } from './phases.js';
import { randomMasks } from './random-mask.js';

/** A random choice of gates within the budget, drawn once and trained from the first step on: what a search has to beat. */
export const random = defineStrategy({
  name: 'random',
  summary: 'a random choice of branches within the budget, drawn once',
  options: z.strictObject({}),
  usesImportance: false,
  usesBudget: true,
  budgetIn: 'costs',
  phases: onePhase,
  start: (context) => {
    const { gates, spaces, random: source } = context;
    const stream = source.stream('random-architecture');
    const mask = randomMasks(context)(stream);
    return fixedSession(architectureOf(mask, gates, spaces), context);
  },
});
