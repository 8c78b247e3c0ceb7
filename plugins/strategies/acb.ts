import { z } from 'zod';
import { defineStrategy } from '../../core/contracts/index.js';
import { fixedArchitecture, fixedSession } from './fixed.js';
import { onePhase } from './phases.js';

const options = z.strictObject({
  gamma: z
    .number()
    .positive()
    .default(1 / 3)
    .describe('initial scale of each batch-norm; 1/3 as the released code on CIFAR, 1 on ImageNet'),
});

/** Asymmetric convolution block (Ding et al. 2019). */
export const acb = defineStrategy({
  name: 'acb',
  summary: 'asymmetric convolution block: KxK, 1xK and Kx1 in every block',
  options,
  usesImportance: false,
  usesBudget: false,
  phases: onePhase,
  start: (context, { gamma }) => {
    const architecture = fixedArchitecture(context.spaces, ['conv-kxk', 'conv-1xk', 'conv-kx1'], 'acb');
    // A 1x1 block, which has no asymmetric branches, and a block outside the search stay plain.
    const isAsymmetric = (block: string): boolean => (architecture[block]?.length ?? 0) > 1;
    return {
      ...fixedSession(architecture, context),
      initialGamma: (block) => (isAsymmetric(block) ? gamma : undefined),
    };
  },
});
