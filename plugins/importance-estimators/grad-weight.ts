import { z } from 'zod';
import { defineImportanceEstimator } from '../../core/contracts/index.js';
import { ScoreAverage } from './score-average.js';

const options = z.strictObject({
  memory: z.number().min(0).lt(1).default(0.9).describe('share of the old score that a step keeps'),
  noise: z.number().min(0).default(0.1).describe('spread of the normal noise on the score while searching'),
});

/** |Σ gradient · weight| over what a branch trains: the loss that its removal would cost, to first order (Molchanov et al. 2017); DyRep's score (arXiv 2203.12868, section 3.1) but for the sign. */
export const gradWeight = defineImportanceEstimator({
  name: 'grad-weight',
  summary: '|Σ gradient · weight| over what a branch trains',
  options,
  start: (gates, { memory, noise }) =>
    new ScoreAverage(gates, memory, noise, ({ block, branch }, { ofBranch, value, gradient }) => {
      let sum = 0;
      for (const name of ofBranch(block, branch)) {
        const weights = value(name);
        for (const [at, slope] of gradient(name)?.entries() ?? []) sum += slope * (weights[at] ?? 0);
      }
      return Math.abs(sum);
    }),
});
