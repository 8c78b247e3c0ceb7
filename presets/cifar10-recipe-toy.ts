import { defineConfig } from '../core/config/define.js';

/** The recipe for a first look: a part of the images, a few epochs. */
export default defineConfig({
  extends: 'repnas:cifar10-recipe',
  dataset: { name: 'cifar10', limit: { train: 4000, test: 1000 } },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 4 },
    batchSize: 64,
    optimizer: { name: 'sgd', learningRate: 0.02 },
    // As long as masks are sampled: at the full rate from the first step, what is handed on to the architecture trains worse than fresh weights.
    schedule: { name: 'cosine', warmUpEpochs: 2 },
  },
  importance: { name: 'logistic-ranking', learningRate: 0.01 },
});
