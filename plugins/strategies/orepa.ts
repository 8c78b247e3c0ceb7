import { z } from 'zod';
import { defineStrategy } from '../../core/contracts/index.js';
import { fixedArchitecture, fixedSession } from './fixed.js';
import { onePhase } from './phases.js';

// Released code (JUGGHM/OREPA_CVPR2022, blocks.py).
const SCALES = { 'conv-kxk': 0.25, 'conv-1x1-avg': 0.25, 'conv-1x1-kxk': 0.5, 'conv-1x1': 1 };

const options = z.strictObject({
  scales: z
    .record(z.string(), z.number())
    .default(SCALES)
    .describe('the branch ops of every block, with the initial scale of each'),
});

/**
 * Online convolutional re-parameterisation (OREPA, arXiv 2204.00826): branches have a scale per channel instead of
 * batch-norms, and one batch-norm stands behind their sum, so that a block is squeezed into one convolution at every training
 * step. The branches are those that OREPA shares with DBB; its frequency prior and depthwise separable ones can be added as ops.
 */
export const orepa = defineStrategy({
  name: 'orepa',
  summary:
    "DBB's branches with scales, and one batch-norm behind their sum: a single convolution at every step (OREPA)",
  options,
  usesImportance: false,
  usesBudget: false,
  normPlacement: 'sum',
  phases: onePhase,
  start: (context, { scales }) => {
    const architecture = fixedArchitecture(context.spaces, Object.keys(scales), 'orepa');
    return {
      ...fixedSession(architecture, context),
      // A block outside the search is a plain convolution with its batch-norm.
      initialGamma: (block, branch) => (architecture[block] ? scales[branch] : undefined),
    };
  },
});
