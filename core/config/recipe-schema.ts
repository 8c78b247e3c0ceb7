import { z } from 'zod';

// The keys `train.optimizer` and `train.schedule`: which optimizers and learning-rate schedules there are, with their defaults.

const fraction = z.number().min(0).lt(1);
const decayNormAndBias = z.boolean().default(false).describe('weight decay on batch-norms and biases too');
const betas = (mean: number, square: number) =>
  z.tuple([fraction, fraction]).default([mean, square]).describe('memory of mean and variance');
const epsilon = (value: number) => z.number().positive().default(value).describe('added to the root of the variance');
const rate = (value: number) => z.number().positive().default(value).describe('before the schedule');
const added = (value: number) => z.number().min(0).default(value).describe('added to the gradient');
const beside = (value: number) =>
  z.number().min(0).default(value).describe('taken off each step, times the learning rate');

/** Schema of an optimizer that keeps means of the gradients and of their squares. */
const adaptive = <Name extends string>(name: Name, smallest: number, weightDecay: z.ZodDefault<z.ZodNumber>) =>
  z.strictObject({
    name: z.literal(name),
    learningRate: rate(1e-3),
    betas: betas(0.9, 0.999),
    epsilon: epsilon(smallest),
    weightDecay,
    decayNormAndBias,
  });

/** Optimizers and their options. */
export const optimizer = z.discriminatedUnion('name', [
  // 0.1, 0.9, and 1e-4 on neither batch-norms nor biases: released code.
  z.strictObject({
    name: z.literal('sgd').default('sgd'),
    learningRate: rate(0.1),
    momentum: fraction.default(0.9).describe('fraction of the velocity that a step keeps'),
    nesterov: z.boolean().default(false).describe('look one step of momentum ahead'),
    weightDecay: added(1e-4),
    decayNormAndBias,
  }),
  // The defaults of Adam's paper (Kingma and Ba 2015, algorithm 1), without decay.
  adaptive('adam', 1e-8, added(0)),
  // The defaults of torch.optim.AdamW.
  adaptive('adamw', 1e-8, beside(0.01)),
  // The defaults of timm's Lamb.
  adaptive('lamb', 1e-6, beside(0.01)),
  // The defaults of Lion's paper (Chen et al. 2023, section 4), a learning rate ten times smaller than Adam's.
  z.strictObject({
    name: z.literal('lion'),
    learningRate: rate(1e-4),
    betas: betas(0.9, 0.99),
    weightDecay: beside(0),
    decayNormAndBias,
  }),
  // The defaults of torch.optim.RMSprop.
  z.strictObject({
    name: z.literal('rmsprop'),
    learningRate: rate(0.01),
    memory: fraction.default(0.99).describe('memory of the mean of squares'),
    momentum: fraction.default(0).describe('fraction of the velocity that a step keeps'),
    epsilon: epsilon(1e-8),
    weightDecay: added(0),
    decayNormAndBias,
  }),
]);

const warmUpEpochs = z.number().min(0).default(0).describe('epochs of linear rise first');
const final = z.number().min(0).default(0).describe('learning rate at the end of the last epoch');
const factor = z.number().positive().default(0.1).describe('what the learning rate is multiplied by');

/** The learning rate over all epochs. A cosine to 0, without a rise first: released code. */
export const schedule = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('cosine').default('cosine'), final, warmUpEpochs }),
  z.strictObject({ name: z.literal('constant') }),
  z.strictObject({ name: z.literal('linear'), final, warmUpEpochs }),
  z.strictObject({
    name: z.literal('polynomial'),
    power: z.number().positive().default(2).describe('of the part of the training that is left'),
    final,
    warmUpEpochs,
  }),
  z.strictObject({
    name: z.literal('exponential'),
    factor: z.number().positive().default(0.95).describe('what an epoch multiplies the learning rate by'),
    warmUpEpochs,
  }),
  z.strictObject({
    name: z.literal('step'),
    everyEpochs: z.number().positive().default(30).describe('epochs between two steps down'),
    factor,
    warmUpEpochs,
  }),
  z.strictObject({
    name: z.literal('multi-step'),
    epochs: z.array(z.number().positive()).min(1).describe('epochs after which it steps down'),
    factor,
    warmUpEpochs,
  }),
  z.strictObject({
    name: z.literal('warm-restarts'),
    epochs: z.number().positive().default(10).describe('epochs to the first restart'),
    times: z.number().min(1).default(2).describe('how much longer each round is than the one before'),
    final: z.number().min(0).default(0).describe('learning rate at the end of each round'),
    warmUpEpochs,
  }),
  // The defaults of torch.optim.lr_scheduler.OneCycleLR: a twenty-fifth at first, 4e-7 at the end.
  z.strictObject({
    name: z.literal('one-cycle'),
    rise: z.number().gt(0).lt(1).default(0.3).describe('fraction of the training in which it rises'),
    first: z.number().min(0).default(0.04).describe('first learning rate, as a fraction of the highest'),
    final: z.number().min(0).default(4e-6).describe('last learning rate, as a fraction of the highest'),
  }),
]);
