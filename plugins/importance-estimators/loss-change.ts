import { z } from 'zod';
import { defineImportanceEstimator } from '../../core/contracts/index.js';
import { gateNumbers } from './gate-state.js';

const options = z.strictObject({
  noise: z.number().min(0).default(0.01).describe('std of the normal noise on the loss while searching'),
});

/**
 * The change of the validation loss when one branch alone is dropped, its batch-norms recalibrated: selection by perturbation
 * (Wang et al. 2021, "Rethinking architecture selection", section 4.1), which ranks by an experiment where α ranks by its
 * gradient. One evaluation for each active gate. A gate whose block has no other branch ranks above all that were measured.
 */
export const lossChange = defineImportanceEstimator({
  name: 'loss-change',
  summary: 'how much the validation loss grows when a branch is dropped (needs a validation split)',
  options,
  needsValidation: true,
  start: (gates, { noise: std }) => {
    const scores = new Float64Array(gates.length);
    return {
      rank: (noise) => scores.map((score) => score + (noise ? std * noise.normal() : 0)),
      learn: () => undefined,
      examine: async (mask, probe) => {
        const { loss: whole } = await probe.evaluate(mask);
        for (const [at, gate] of gates.entries()) {
          if (!mask[at]) continue;
          const alone = gates.every((other, index) => index === at || other.block !== gate.block || !mask[index]);
          const dropped = mask.slice();
          dropped[at] = 0;
          scores[at] = alone ? Number.MAX_VALUE : (await probe.evaluate(dropped)).loss - whole;
        }
      },
      save: () => ({ arrays: { scores: scores.slice() }, values: {} }),
      restore: (record) => scores.set(gateNumbers(record, 'scores', gates.length)),
    };
  },
});
