import { defineConfig } from '../core/config/define.js';

/**
 * The main job on handwritten digits: a deep network without shortcuts, which hardly trains plain. All branches are trained first,
 * those that matter least are folded away until 60 are left, and the plain network is trained beside it with the same recipe.
 */
export default defineConfig({
  dataset: { name: 'mnist' },
  backbone: { name: 'repvgg', variant: 'a0', width: 0.125 },
  strategy: 'shrink',
  importance: 'bn-scale',
  searchSpace: { name: 'per-block', branches: ['conv-kxk', 'conv-1x1', 'conv-1x1-avg', 'identity'] },
  budget: { branches: 50 },
  baseline: 'plain',
  augment: { padCrop: 2 },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 2 },
    batchSize: 64,
    optimizer: { name: 'sgd', learningRate: 0.05, weightDecay: 5e-4 },
    schedule: { name: 'cosine', warmUpEpochs: 0.5 },
    gamma: { identity: 1, others: '1/branches' },
    dropout: 0,
    evaluateEvery: 4,
  },
  out: 'runs',
});
