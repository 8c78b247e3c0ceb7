import { z } from 'zod';
import { defineImportanceEstimator, type RandomStream } from '../../core/contracts/index.js';
import { VectorAdam } from './adam.js';
import { savedNumber } from './gate-state.js';

const options = z.strictObject({
  learningRate: z.number().positive().default(1e-2).describe('of Adam on α'),
  betas: z
    .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
    .default([0.5, 0.999])
    .describe('of Adam: memory of mean and variance'),
  epsilon: z.number().positive().default(1e-8).describe('of Adam: added to the root of the variance'),
  weightDecay: z.number().min(0).default(0).describe('added to the gradient'),
  temperature: z
    .strictObject({
      from: z.number().positive().default(5).describe('of the sigmoid, at the first step of the search'),
      to: z.number().positive().default(0.5).describe('after its last; it falls geometrically'),
    })
    .prefault({}),
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Soft gates σ((α + logistic noise) / temperature) (Maddison et al. 2017; Jang et al. 2017): kept branches are weighted, and gates learn through their weight. */
export const gumbelSigmoid = defineImportanceEstimator({
  name: 'gumbel-sigmoid',
  summary: 'soft gates with logistic noise and a falling temperature',
  options,
  start: (gates, chosen) => {
    const adam = new VectorAdam(gates.length, chosen);
    const { from, to } = chosen.temperature;
    let temperature = from;
    const logistic = (noise: RandomStream): number => {
      const u = noise.uniform();
      return Math.log(u) - Math.log1p(-u);
    };
    const soft = (rank: number): number => sigmoid(rank / temperature);
    return {
      rank: (noise) => adam.values.map((alpha) => alpha + (noise ? logistic(noise) : 0)),
      values: (ranks, mask) => ranks.map((rank, at) => (mask[at] ? soft(rank) : 0)),
      learn: ({ ranks, mask, gateGradients, progress }) => {
        const gradients = gateGradients.map((gradient, at) => {
          const s = soft(ranks[at] ?? 0);
          return mask[at] ? (gradient * s * (1 - s)) / temperature : 0;
        });
        adam.step(gradients, chosen.weightDecay, chosen.learningRate);
        temperature = from * (to / from) ** progress;
      },
      save: () => {
        const { arrays, values } = adam.save();
        return { arrays, values: { ...values, temperature } };
      },
      restore: (record) => {
        adam.restore(record);
        temperature = savedNumber(record, 'temperature');
      },
    };
  },
});
