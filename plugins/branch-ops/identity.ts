import { z } from 'zod';
import { defineBranchOp } from '../../core/contracts/index.js';
import { embed, identityKernel64, withoutBias } from '../../core/reparam/fold/index.js';

/** The input itself: with the batch-norm that closes every branch, RepVGG's identity branch (Ding et al. 2021, section 3.2). */
export const identity = defineBranchOp({
  name: 'identity',
  summary: 'the input itself, where shapes allow',
  options: z.strictObject({}),
  exists: ({ stride, inChannels, outChannels }) => stride === 1 && inChannels === outChannels,
  kernels: () => [],
  forward: (input) => input,
  fold: (_, { inChannels, groups, kernelSize }) => withoutBias(embed(identityKernel64(inChannels, groups), kernelSize)),
  macs: () => 0,
});
