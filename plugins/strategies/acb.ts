import { z } from 'zod';
import { defineStrategy } from '../../core/contracts/index.js';
import { fixedArchitecture, fixedSession, onePhase } from './fixed.js';

const options = z.strictObject({
  gamma: z
    .number()
    .positive()
    .default(1 / 3)
    .describe('initial scale of each batch-norm; 1/3 as the released code on CIFAR, 1 on ImageNet'),
});

/** Asymmetric convolution block (Ding et al. 2019). */
export const acb = defineStrategy<z.output<typeof options>>({
  name: 'acb',
  summary: 'asymmetric convolution block: KxK, 1xK and Kx1 in every block',
  options,
  usesImportance: false,
  usesBudget: false,
  phases: onePhase,
  start: (context, { gamma }) => ({
    ...fixedSession(fixedArchitecture(context.spaces, ['conv-kxk', 'conv-1xk', 'conv-kx1'], 'acb'), context),
    initialGamma: () => gamma,
  }),
});
