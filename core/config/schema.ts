import { z } from 'zod';
import { optimizer, schedule } from './recipe-schema.js';
import type { PartKind } from '../contracts/plugin.js';

/** A part as a config names it, with the options beside the name. The part checks its own options. */
export interface PartChoice {
  readonly name: string;
  readonly [option: string]: unknown;
}

/**
 * Written as `name` or `{ name, ...options }`. With a default, options may stand alone; they belong to the default
 * part.
 */
function partChoice(otherwise?: string) {
  const name = z.string().min(1);
  return z
    .union([name, z.looseObject({ name: otherwise === undefined ? name : name.default(otherwise) })], {
      error: 'a name, or an object of a name and options',
    })
    .transform((given): PartChoice => (typeof given === 'string' ? { name: given } : given));
}

const partOr = (otherwise: string) => partChoice(otherwise).prefault(otherwise);

/** The paper's method (arXiv 2109.03508, section 3), all of it. */
export const DEFAULT_PARTS = {
  strategy: 'repnas',
  searchSpace: 'per-block',
  importance: 'logistic-ranking',
  weightSharing: 'kernel-slice',
  fuser: 'exact',
  engine: 'auto',
} as const;

/** Names of objects with a `name` that give none. */
export const IMPLIED_NAMES: Readonly<Record<string, string>> = {
  ...DEFAULT_PARTS,
  'train.optimizer': 'sgd',
  'train.schedule': 'cosine',
};

const count = z.int().positive();
const fraction = z.number().min(0).lt(1);

// 150 epochs of RepVGG-A0 on ImageNet: released code.
const epochs = z.strictObject({
  warmUp: z.int().min(0).default(15).describe('epochs before the gates learn'),
  search: z.int().min(0).default(35).describe('epochs in which they do'),
  frozen: z.int().min(0).default(100).describe('epochs with the chosen branches'),
});

const scale = z.union([z.number().positive(), z.literal('1/branches')], {
  error: "a number above 0, or '1/branches'",
});

// 1: released code. ACNet's code takes 1/3 on CIFAR, DyRep's 0.01 for new branches.
const gamma = z.union([scale, z.record(z.string().min(1), scale)], {
  error: "a number above 0, '1/branches', or an object of these by branch op, with 'others' for the rest",
});

const train = z.strictObject({
  epochs: epochs.prefault({}),
  // Released code.
  batchSize: z.int().min(2).default(256).describe('images in a training step'),
  optimizer: optimizer.prefault({ name: 'sgd' }).describe('what makes steps of gradients'),
  schedule: schedule.prefault({ name: 'cosine' }).describe('learning rate over all epochs'),
  weightDecaySchedule: z.enum(['constant', 'cosine']).default('constant').describe('weight decay over all epochs'),
  // 5, and 0.1: released code.
  clip: z
    .union([z.number().positive(), z.literal(false)])
    .default(5)
    .describe('largest joint norm of the gradients; false for no limit'),
  dropout: fraction.default(0.1).describe('before the last dense layer'),
  labelSmoothing: fraction.default(0).describe('fraction of a label that goes to all classes alike'),
  gamma: gamma
    .default(1)
    .describe(
      'initial γ of the batch-norm that closes a branch, where a block has several: for all, or by branch op; a strategy that brings its own goes first',
    ),
  ema: z
    .union([z.number().gt(0).lt(1), z.literal(false)])
    .default(false)
    .describe(
      'decay of the average of the weights that is evaluated, folded and exported in their place; false: the weights',
    ),
  // The released code pads with the running ones, which differ from what the batch-norm does to the image while training.
  padStatistics: z
    .enum(['batch', 'running'])
    .default('batch')
    .describe(
      "what pads inner batch-norms: this batch's statistics (exactly one convolution at every step) or the running ones (released code)",
    ),
  blockEvaluation: z
    .enum(['auto', 'explicit', 'shared-taps', 'moments', 'recompute'])
    .default('auto')
    .describe('how a block of several branches is computed; all give the same numbers, auto chooses for each block'),
  prefer: z.enum(['time', 'memory']).default('time').describe('what blockEvaluation auto saves'),
  evaluateEvery: count.default(1).describe('epochs between evaluations once the architecture is decided'),
});

const augment = z.strictObject({
  padCrop: z.int().min(0).default(0).describe('pixels of border before a random crop'),
  flip: z.boolean().default(false).describe('mirror left and right half of the time'),
  cutout: z.int().min(0).default(0).describe('side of the square that is blanked'),
  mixup: z.number().min(0).default(0).describe('a of the Beta(a, a) that images are mixed by'),
  cutmix: z.number().min(0).default(0).describe('a of the Beta(a, a) that images exchange rectangles by'),
  policy: z
    .preprocess(
      (value) => (typeof value === 'string' ? { name: value } : value),
      z.union([
        z.literal(false),
        z.strictObject({ name: z.literal('trivial-augment') }),
        z.strictObject({
          name: z.literal('rand-augment'),
          count: z.int().min(1).default(2).describe('operations for an image'),
          magnitude: z.int().min(0).max(30).default(9).describe('their strength'),
        }),
      ]),
    )
    .default(false)
    .describe('operations that images go through: trivial-augment, or rand-augment with count and magnitude'),
  normalise: z.boolean().default(true).describe("by the data set's mean and deviation"),
});

const timesPlain = z.number().positive();

const budget = z.union(
  [
    z.strictObject({ keptRatio: z.number().positive().max(1).describe('fraction of all gates that is kept') }),
    z.strictObject({ branches: count.describe('number of gates that are kept, over all layers') }),
    z.strictObject({
      trainingMacs: timesPlain.describe("multiply-adds of a training step, in multiples of the plain network's"),
    }),
    z.strictObject({
      trainingMemory: timesPlain.describe("values kept for the backward pass, in multiples of the plain network's"),
    }),
    z.strictObject({
      trainingTime: timesPlain.describe(
        "time of a training step by the engine's costs, in multiples of the plain network's",
      ),
    }),
  ],
  { error: 'one of { keptRatio }, { branches }, { trainingMacs }, { trainingMemory } and { trainingTime }' },
);

const fuse = z.strictObject({
  tolerance: z.number().positive().default(1e-4).describe('largest relative error of a fused network'),
  images: count.default(256).describe('test images that the certificate is taken on'),
});

const checkpoint = z.strictObject({
  everyEpochs: count.default(1).describe('epochs between checkpoints'),
  everySteps: z
    .union([count, z.literal(false)])
    .default(false)
    .describe('steps between checkpoints, besides'),
  keep: count.default(2).describe('newest checkpoints that stay; the best one always does'),
});

/**
 * Everything a run is made from, but for `extends` and `plugins`, which are gone when a config is resolved. Where nothing else
 * is said a default is ours, and neutral: it leaves something out, or is about files and reports.
 */
export const runSchema = z.strictObject({
  strategy: partOr(DEFAULT_PARTS.strategy).describe('decides which branches are active when'),
  searchSpace: partOr(DEFAULT_PARTS.searchSpace).describe('the branches that blocks choose among'),
  importance: partOr(DEFAULT_PARTS.importance).describe('ranks the gates'),
  weightSharing: partOr(DEFAULT_PARTS.weightSharing).describe(
    'which branches of a block train one kernel between them',
  ),
  // 0.34, that is 44 of RepVGG-A0's 132 gates: released code.
  budget: budget
    .default({ keptRatio: 0.34 })
    .describe('how many gates a search may keep, or what they may cost in training'),
  backbone: partChoice().describe('the network'),
  dataset: partChoice().describe('the images'),
  augment: augment.prefault({}),
  train: train.prefault({}),
  validation: z
    .strictObject({ fraction: fraction.default(0).describe('fraction of the training images that are kept apart') })
    .prefault({}),
  fuser: partOr(DEFAULT_PARTS.fuser).describe('makes one convolution of the branches of a block'),
  fuse: fuse.prefault({}),
  export: z.array(partChoice()).prefault(['tfjs']).describe('formats that the fused network is written in'),
  baseline: z
    .union([z.literal(false), partChoice()], { error: 'a name, an object of a name and options, or false' })
    .default(false)
    .describe('a strategy trained beside with the same recipe'),
  engine: partOr(DEFAULT_PARTS.engine).describe('where the computing is done; auto: the fastest that answers'),
  seed: z.int().min(0).max(0xffffffff).default(0).describe('of every random number of the run'),
  observers: z.array(partChoice()).prefault(['console', 'jsonl']).describe('who watches the run'),
  checkpoint: checkpoint.prefault({}),
  out: z.string().min(1).default('runs').describe('folder in which run folders are made'),
});

/** A config with every default filled in. */
export type ResolvedConfig = z.output<typeof runSchema>;

/** Kind of part that a key names. */
export const CHOICES = {
  strategy: 'strategy',
  searchSpace: 'search-space',
  importance: 'importance-estimator',
  weightSharing: 'weight-sharing',
  backbone: 'backbone',
  dataset: 'dataset',
  fuser: 'fuser',
  baseline: 'strategy',
  engine: 'engine',
} as const satisfies Partial<Record<keyof ResolvedConfig, PartKind>>;

/** Kind of part that a key lists. */
export const CHOICE_LISTS = { export: 'exporter', observers: 'observer' } as const satisfies Partial<
  Record<keyof ResolvedConfig, PartKind>
>;

/** A config as users write it: keys with a default may be omitted. */
export type RunConfig = z.input<typeof runSchema>;
