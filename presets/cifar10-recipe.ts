import { defineConfig } from '../core/config/define.js';

/** How the ACNet and DBB papers train on CIFAR (arXiv 1908.03930, section 4.1): pad-crop and flip, SGD with a cosine over the epochs. */
export default defineConfig({
  dataset: { name: 'cifar10' },
  augment: { padCrop: 4, flip: true },
  train: {
    epochs: { warmUp: 60, search: 140, frozen: 400 },
    batchSize: 128,
    optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 },
    clip: 5,
    dropout: 0,
  },
});
