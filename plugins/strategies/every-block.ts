import { z } from 'zod';
import { defineStrategy } from '../../core/contracts/index.js';
import { blockByBlock, fixedSession } from './fixed.js';
import { onePhase } from './phases.js';

const options = z.strictObject({
  branches: z
    .union([z.literal('all'), z.array(z.string().min(1)).min(1)])
    .default('all')
    .describe('branch ops of every block, as far as the search space offers them; all: every one'),
});

/** A block written by hand, the same in every layer: `all` is what a search starts from, and the most that training can cost. */
export const everyBlock = defineStrategy({
  name: 'every-block',
  summary: 'the listed branch ops in every block, or all of them',
  options,
  usesImportance: false,
  usesBudget: false,
  phases: onePhase,
  start: (context, { branches }) => {
    const all = context.spaces.flatMap((space) => space.branches);
    return fixedSession(blockByBlock(context, branches === 'all' ? all : branches, 'every-block'), context);
  },
});
