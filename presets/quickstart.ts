import { defineConfig } from '../core/config/define.js';

/**
 * The main job on handwritten digits: 28 convolutions without shortcuts, which train badly when plain. All branches are trained
 * first, those that matter least are folded away until 60 of 107 are left, and the plain network is trained beside, alike.
 */
export default defineConfig({
  dataset: { name: 'mnist' },
  backbone: { name: 'repvgg', variant: 'b0', width: 0.125 },
  strategy: 'shrink',
  importance: 'bn-scale',
  searchSpace: { name: 'per-block', branches: ['conv-kxk', 'conv-1x1', 'conv-1x1-avg', 'identity'] },
  budget: { branches: 60 },
  baseline: 'plain',
  augment: { padCrop: 2 },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 1 },
    batchSize: 64,
    optimizer: { name: 'sgd', learningRate: 0.1, weightDecay: 5e-4 },
    schedule: { name: 'cosine', warmUpEpochs: 0.5 },
    gamma: { identity: 1, others: '1/branches' },
    dropout: 0,
    evaluateEvery: 3,
  },
  out: 'runs',
});
