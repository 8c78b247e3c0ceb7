import { defineConfig } from '../core/config/define.js';

/** The main job in under three minutes on two cores: handwritten digits, a small VGG, the plain network beside. */
export default defineConfig({
  dataset: { name: 'mnist' },
  backbone: { name: 'vgg', depth: 11, width: 0.125 },
  strategy: 'repnas',
  baseline: 'plain',
  augment: { padCrop: 2 },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 4 },
    batchSize: 64,
    optimizer: { name: 'sgd', learningRate: 0.02 },
    // As long as masks are sampled, see cifar10-recipe-toy.
    schedule: { name: 'cosine', warmUpEpochs: 2 },
  },
  importance: { name: 'logistic-ranking', learningRate: 0.01 },
  out: 'runs',
});
