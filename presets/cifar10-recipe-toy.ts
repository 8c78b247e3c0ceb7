import { defineConfig } from '../core/config/define.js';

/** The recipe for a first look: a part of the images, a few epochs. */
export default defineConfig({
  extends: 'repnas:cifar10-recipe',
  dataset: { name: 'cifar10', limit: { train: 4000, test: 1000 } },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 4 },
    batchSize: 64,
    optimizer: { name: 'sgd', learningRate: 0.02 },
  },
  importance: { name: 'logistic-ranking', learningRate: 0.01 },
});
