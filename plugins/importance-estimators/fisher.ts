import { z } from 'zod';
import { defineImportanceEstimator } from '../../core/contracts/index.js';
import { ScoreAverage } from './score-average.js';

const options = z.strictObject({
  memory: z.number().min(0).lt(1).default(0.99).describe('fraction of the old score that a step keeps'),
  noise: z.number().min(0).default(0.1).describe('std of the normal noise on the score while searching'),
});

/**
 * Mean (dLoss/dgate)²: the diagonal of the empirical Fisher information of the gates (Theis et al. 2018, eq. 8; Liu et al.
 * 2021). Where a branch's γ and β are near their optimum dLoss/dgate = Σ (γ·dLoss/dγ + β·dLoss/dβ) is zero on average, so
 * its mean ranks nothing; its square does not vanish.
 */
export const fisher = defineImportanceEstimator({
  name: 'fisher',
  summary: 'mean (dLoss/dgate)², the Fisher information of a gate',
  options,
  start: (gates, { memory, noise }) =>
    new ScoreAverage(gates, memory, noise, (_gate, _parameters, slope) => slope ** 2),
});
