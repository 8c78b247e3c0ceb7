import { defineConfig } from '../core/config/define.js';

/** The same steps on any folder of images in ImageNet's layout: small images, few of each class, an epoch a phase. */
export default defineConfig({
  extends: 'repnas:imagenet-recipe',
  dataset: { name: 'image-folder', size: 32, resize: 36, perClass: { train: 100, test: 50 } },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 1 },
    batchSize: 16,
    optimizer: { name: 'sgd', learningRate: 0.05 },
  },
  importance: { name: 'logistic-ranking', learningRate: 0.01 },
});
