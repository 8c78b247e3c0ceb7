import { z } from 'zod';

/** A part by name, alone or with its options; which options a part knows is for the part to check. */
export const partChoice = z
  .union([z.string().min(1), z.looseObject({ name: z.string().min(1) })])
  .transform((given): PartChoice => (typeof given === 'string' ? { name: given } : given));

export interface PartChoice {
  readonly name: string;
  readonly [option: string]: unknown;
}

const count = z.int().positive();
const share = z.number().min(0).lt(1);

const epochs = z.strictObject({
  warmUp: z.int().min(0).default(15).describe('epochs before the gates learn'),
  search: z.int().min(0).default(35).describe('epochs in which they do'),
  frozen: z.int().min(0).default(100).describe('epochs with the chosen branches'),
});

const sgd = z.strictObject({
  name: z.literal('sgd').default('sgd'),
  learningRate: z.number().positive().default(0.1),
  momentum: share.default(0.9),
  nesterov: z.boolean().default(false),
  weightDecay: z.number().min(0).default(1e-4),
  decayNormAndBias: z.boolean().default(false).describe('weight decay on batch-norms and biases too'),
});

const adam = z.strictObject({
  name: z.literal('adam'),
  learningRate: z.number().positive().default(1e-3),
  betas: z.tuple([share, share]).default([0.9, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0).describe('added to the gradient'),
  decayNormAndBias: z.boolean().default(false),
});

const schedule = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('cosine'),
    final: z.number().min(0).default(0),
    warmUpEpochs: z.number().min(0).default(0).describe('epochs of linear rise first'),
  }),
  z.strictObject({ name: z.literal('constant') }),
]);

/** Defaults of the released RepNAS code for RepVGG-A0 on ImageNet, where nothing else is said. */
const train = z.strictObject({
  epochs: epochs.prefault({}),
  batchSize: z.int().min(2).default(256),
  optimizer: z.discriminatedUnion('name', [sgd, adam]).prefault({ name: 'sgd' }),
  schedule: schedule.prefault({ name: 'cosine' }),
  weightDecaySchedule: z.enum(['constant', 'cosine']).default('constant'),
  clip: z
    .union([z.number().positive(), z.literal(false)])
    .default(5)
    .describe('largest joint norm of the gradients; false for no limit'),
  dropout: share.default(0.1).describe('before the last dense layer'),
  labelSmoothing: share.default(0),
  padStatistics: z
    .enum(['batch', 'running'])
    .default('batch')
    .describe(
      "what pads inner batch-norms: this batch's statistics (exactly one convolution at every step) or the running ones (released code)",
    ),
  blockEvaluation: z
    .enum(['auto', 'explicit', 'shared-taps', 'moments', 'recompute'])
    .default('auto')
    .describe('how a block of several branches is computed; all give the same numbers'),
  evaluateEvery: count.default(1).describe('epochs between evaluations once the architecture is decided'),
});

const augment = z.strictObject({
  padCrop: z.int().min(0).default(0).describe('pixels of border before a random crop'),
  flip: z.boolean().default(false).describe('mirror left and right half of the time'),
  cutout: z.int().min(0).default(0).describe('side of the square that is blanked'),
  mixup: z.number().min(0).default(0).describe('a of the Beta(a, a) that images are mixed by'),
  normalise: z.boolean().default(true).describe("by the data set's mean and deviation"),
});

const budget = z.union([
  z.strictObject({ keptRatio: z.number().positive().max(1).describe('share of all gates that is kept') }),
  z.strictObject({ branches: count.describe('number of gates that are kept, over all layers') }),
]);

const checkpoint = z.strictObject({
  everyEpochs: count.default(1),
  everySteps: z.union([count, z.literal(false)]).default(false),
  keep: count.default(2).describe('newest checkpoints that stay; the best one always does'),
});

/** Everything a run is made from, but for `extends` and `plugins`, which are gone when a config is resolved. */
export const configSchema = z.strictObject({
  strategy: partChoice.prefault('repnas'),
  searchSpace: partChoice.prefault('per-block'),
  importance: partChoice.prefault('logistic-ranking'),
  weightSharing: partChoice.prefault('kernel-slice'),
  budget: budget.default({ keptRatio: 0.34 }),
  backbone: partChoice,
  dataset: partChoice,
  augment: augment.prefault({}),
  train: train.prefault({}),
  validation: z.strictObject({ fraction: share.default(0).describe('share of the training images') }).prefault({}),
  fuser: partChoice.prefault('exact'),
  fuse: z
    .strictObject({
      tolerance: z.number().positive().default(1e-4).describe('largest relative error of a fused network'),
      images: count.default(256).describe('test images that the certificate is taken on'),
    })
    .prefault({}),
  export: z.array(partChoice).prefault(['tfjs']),
  baseline: z
    .union([z.literal(false), partChoice])
    .default(false)
    .describe('a strategy trained beside with the same recipe'),
  engine: partChoice.prefault('auto'),
  seed: z.int().min(0).max(0xffffffff).default(0),
  observers: z.array(partChoice).prefault(['console', 'jsonl']),
  checkpoint: checkpoint.prefault({}),
  out: z.string().min(1).default('runs').describe('folder in which run folders are made'),
});

/** A config with every default in its place. */
export type ResolvedConfig = z.output<typeof configSchema>;

/** A config as people write it. */
export type RunConfig = z.input<typeof configSchema>;
