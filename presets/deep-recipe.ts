import { defineConfig } from '../core/config/define.js';

/**
 * Deep networks without shortcuts on small photographs: 22 convolutions, one after the other, that hardly train plain. Identity
 * branches start at scale 1 and the others share another 1, so that a block starts close to handing its input on; the decay is
 * that of SGS (arXiv 2303.02733). A tenth of the training images is kept apart for strategies that measure masks.
 */
export default defineConfig({
  extends: 'repnas:cifar10-recipe',
  dataset: { name: 'cifar10', limit: { train: 20000, test: 10000 } },
  backbone: { name: 'repvgg', variant: 'a0', width: 0.5 },
  validation: { fraction: 0.1 },
  budget: { branches: 66 },
  train: {
    epochs: { warmUp: 1, search: 5, frozen: 6 },
    batchSize: 64,
    optimizer: { name: 'sgd', learningRate: 0.1, weightDecay: 5e-4 },
    schedule: { name: 'cosine', warmUpEpochs: 1 },
    gamma: { identity: 1, others: '1/branches' },
    evaluateEvery: 4,
  },
  // A plain network that hardly learns has channels of almost no variance, whose batch-norms lose digits to cancellation.
  fuse: { tolerance: 1e-3 },
});
