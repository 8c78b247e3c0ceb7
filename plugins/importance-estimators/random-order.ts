import { z } from 'zod';
import { defineImportanceEstimator } from '../../core/contracts/index.js';
import { gateNumbers } from './gate-state.js';

const options = z.strictObject({
  noise: z.number().min(0).default(0.1).describe('std of the normal noise on the order while searching'),
});

/** Ranks gates in an order drawn once from the seed: the control for every estimator that measures something. */
export const randomOrder = defineImportanceEstimator({
  name: 'random-order',
  summary: 'an order drawn once: the control for other estimators',
  options,
  start: (gates, { noise: std }, random) => {
    const stream = random.stream('importance:random-order');
    const scores = Float64Array.from(gates, () => stream.uniform());
    return {
      rank: (noise) => scores.map((score) => score + (noise ? std * noise.normal() : 0)),
      learn: () => undefined,
      save: () => ({ arrays: { scores: scores.slice() }, values: {} }),
      restore: (record) => scores.set(gateNumbers(record, 'scores', gates.length)),
    };
  },
});
