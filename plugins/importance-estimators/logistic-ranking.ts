import { z } from 'zod';
import { defineImportanceEstimator, type RandomStream } from '../../core/contracts/index.js';
import { VectorAdam } from './adam.js';

/** Defaults of the released RepNAS code. */
const options = z.strictObject({
  learningRate: z.number().positive().default(1e-4).describe('of Adam on α'),
  travel: z
    .union([z.number().positive(), z.literal(false)])
    .default(false)
    .describe(
      'how far α can move over the whole search, in place of learningRate: the rate is this over the steps of the search; false: as learningRate says',
    ),
  noise: z.number().min(0).default(1).describe('scale of the logistic noise on the ranks; 1 has a std of π/√3 = 1.8'),
  betas: z
    .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
    .default([0.5, 0.999])
    .describe('of Adam: memory of mean and variance'),
  epsilon: z.number().positive().default(1e-8).describe('of Adam: added to the root of the variance'),
  weightDecay: z
    .number()
    .min(0)
    .default(5e-4)
    .describe('added to the gradient; falls to 0 along a cosine over the search'),
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** −log(−log u) of as many uniform numbers as there are gates: Gumbel noise. */
const gumbel = (size: number, noise: RandomStream): Float64Array =>
  Float64Array.from({ length: size }, () => -Math.log(-Math.log(noise.uniform())));

/**
 * RepNAS' differentiable ranking (section 3.2): rank r = α + G1 − G2, that is α with logistic noise; a gate's value is
 * z = m + σ(r) − stop_gradient(σ(r)), so dα = dz · σ(r)(1 − σ(r)) for kept gates; the others only decay. Adam moves α by at most
 * about its rate a step: the released 1e-4 over 35 epochs of ImageNet can move it by 17, over a few hundred steps not by a tenth
 * of the noise. `travel` sets the distance instead.
 */
export const logisticRanking = defineImportanceEstimator({
  name: 'logistic-ranking',
  summary: 'learned α with logistic noise, straight-through gates (RepNAS)',
  options,
  start: (gates, chosen) => {
    const adam = new VectorAdam(gates.length, chosen);
    return {
      rank: (noise) => {
        if (!noise) return adam.values.slice();
        const first = gumbel(gates.length, noise);
        const second = gumbel(gates.length, noise);
        return adam.values.map((alpha, at) => alpha + chosen.noise * ((first[at] ?? 0) - (second[at] ?? 0)));
      },
      learn: ({ ranks, mask, gateGradients, progress, phaseSteps }) => {
        const gradients = gateGradients.map((gradient, at) => {
          const s = sigmoid(ranks[at] ?? 0);
          return mask[at] ? gradient * s * (1 - s) : 0;
        });
        const weightDecay = (chosen.weightDecay * (1 + Math.cos(Math.PI * progress))) / 2;
        adam.step(gradients, weightDecay, chosen.travel === false ? chosen.learningRate : chosen.travel / phaseSteps);
      },
      save: () => adam.save(),
      restore: (record) => adam.restore(record),
    };
  },
});
