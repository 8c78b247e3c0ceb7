import { z } from 'zod';
import { defineImportanceEstimator } from '../../core/contracts/index.js';
import { ScoreAverage } from './score-average.js';

const options = z.strictObject({
  memory: z.number().min(0).lt(1).default(0.9).describe('share of the old score that a step keeps'),
  noise: z.number().min(0).default(0.1).describe('spread of the normal noise on the score while searching'),
});

/** Mean |γ| of the batch-norm that closes a branch (its scale, where it has none): what network slimming prunes by (Liu et al. 2017). */
export const bnScale = defineImportanceEstimator({
  name: 'bn-scale',
  summary: "mean |γ| of a branch's closing batch-norm",
  options,
  start: (gates, { memory, noise }) =>
    new ScoreAverage(gates, memory, noise, ({ block, branch }, { value, scaleOf }) => {
      const gamma = value(scaleOf(block, branch));
      return gamma.reduce((sum, scale) => sum + Math.abs(scale), 0) / gamma.length;
    }),
});
