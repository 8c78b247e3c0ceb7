import type { BlockEvaluation, BlockPass } from './evaluation.js';
import { explicit } from './explicit.js';
import { moments, takesMoments } from './moments.js';
import { recompute } from './recompute.js';
import { sharedTaps } from './shared-taps.js';
import { squeezed } from './squeezed.js';

/** How blocks are computed: one way for all, or the one that a block's shape asks for. */
export const BLOCK_EVALUATIONS = ['auto', 'explicit', 'shared-taps', 'moments', 'recompute'] as const;
export type BlockEvaluationName = (typeof BLOCK_EVALUATIONS)[number];

/** Longest patch, K²C values, for which one product of patches costs less than the branches' own convolutions. */
const SHORT_PATCH = 75;

export function blockEvaluation(name: BlockEvaluationName): BlockEvaluation {
  const normalised = normalisedEvaluation(name);
  // One batch-norm behind the sum leaves nothing to choose: the block is one convolution already.
  return (pass) => (pass.sumNorm ? squeezed(pass, pass.sumNorm) : normalised(pass));
}

function normalisedEvaluation(name: BlockEvaluationName): BlockEvaluation {
  switch (name) {
    case 'explicit':
      return explicit;
    case 'shared-taps':
      return sharedTaps;
    case 'recompute':
      return recompute;
    case 'moments':
      return (pass) => (takesMoments(pass) ? moments(pass) : explicit(pass));
    case 'auto':
      return (pass) => (takesMoments(pass) && momentsPay(pass) ? moments(pass) : explicit(pass));
  }
}

/** On the first layer, whose patches are short and whose input needs no gradient, one convolution stands for all branches. */
const momentsPay = ({ node, branches }: BlockPass): boolean =>
  node.input === 'input' && branches.length > 1 && node.kernelSize ** 2 * node.inChannels <= SHORT_PATCH;
