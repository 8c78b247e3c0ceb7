import { z } from 'zod';
import { type Architecture, defineStrategy } from '../../core/contracts/index.js';
import { fixedSession } from './fixed.js';
import { onePhase } from './phases.js';

const options = z.strictObject({
  blocks: z.record(z.string(), z.array(z.string()).min(1)).describe('branch ops of every searchable block, by name'),
});

/** An architecture that is given: what `train --arch` trains. */
export const given = defineStrategy({
  name: 'given',
  summary: 'a given architecture, block by block',
  options,
  usesImportance: false,
  usesBudget: false,
  phases: onePhase,
  start: (context, { blocks }) => {
    const problems = mismatches(blocks, context.spaces);
    if (problems.length > 0) {
      throw new Error(`the architecture is of another network:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    }
    return fixedSession(blocks, context);
  },
});

function mismatches(
  blocks: Architecture,
  spaces: readonly { readonly block: string; readonly branches: readonly string[] }[],
): string[] {
  const known = new Set(spaces.map(({ block }) => block));
  const foreign = Object.keys(blocks).filter((block) => !known.has(block));
  return [
    ...foreign.map((block) => `block ${block} is not in the network`),
    ...spaces.flatMap(({ block, branches }) => {
      const wanted = blocks[block];
      if (!wanted) return [`block ${block} has no branches in the architecture`];
      const unknown = wanted.filter((branch) => !branches.includes(branch));
      return unknown.map((branch) => `block ${block} has no branch ${branch}; it has ${branches.join(', ')}`);
    }),
  ];
}
