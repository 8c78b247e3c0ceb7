import { z } from 'zod';
import { type BranchChoice, defineSearchSpace } from '../../core/contracts/index.js';

/** The seven branch ops of the paper's space, 2^(7 · layers). */
const ALL = ['conv-1x1', 'conv-1x1-avg', 'conv-kxk', 'conv-1x1-kxk', 'conv-1xk', 'conv-kx1', 'identity'];

const choice = z
  .union([z.string().min(1), z.looseObject({ name: z.string().min(1) })])
  .transform((given): BranchChoice => {
    if (typeof given === 'string') return { name: given, options: {} };
    const { name, ...options } = given;
    return { name, options };
  });

const options = z
  .strictObject({
    branches: z
      .array(choice)
      .min(1)
      .prefault(ALL)
      .describe('branch ops by name, or as { name, ...options }, that every block may have where they exist'),
    identity: z
      .enum(['searched', 'kept'])
      .default('searched')
      .describe(
        'searched: the seventh gate of the paper; kept: always there, outside the budget, as the released code',
      ),
  })
  .superRefine(({ branches, identity }, problems) => {
    const names = branches.map(({ name }) => name);
    for (const [at, name] of names.entries()) {
      if (names.indexOf(name) === at) continue;
      problems.addIssue({ code: 'custom', path: ['branches', at], message: 'each branch op once' });
    }
    if (identity === 'kept' && !names.includes('identity')) {
      const message = "'searched', or identity among the branches";
      problems.addIssue({ code: 'custom', path: ['identity'], message });
    }
  });

/** Every block chooses among the same branch ops, as far as they exist for it. */
export const perBlock = defineSearchSpace({
  name: 'per-block',
  summary: 'every block chooses among the same branch ops',
  options,
  branchOps: ({ branches }) => branches,
  blockSpace: (block, exists, { branches, identity }) => {
    const present = branches.map(({ name }) => name).filter(exists);
    const always = identity === 'kept' ? present.filter((name) => name === 'identity') : [];
    return { block: block.name, branches: present, always };
  },
});
