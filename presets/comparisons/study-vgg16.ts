import { defineComparison } from '../../core/app/compare/schema.js';

/**
 * The table of the RepNAS seeds on VGG-16, which trains well without branches: searching against choosing by hand and at random.
 * A quarter of the width and 16 epochs. Branches start at 1 over their number, as in ACNet's
 * released code; the decay is that of SGS (arXiv 2303.02733).
 */
export default defineComparison({
  shared: {
    extends: 'repnas:cifar10-recipe',
    backbone: { name: 'vgg', depth: 16, width: 0.25 },
    train: {
      epochs: { warmUp: 1, search: 5, frozen: 10 },
      batchSize: 64,
      optimizer: { name: 'sgd', learningRate: 0.1, weightDecay: 5e-4 },
      schedule: { name: 'cosine', warmUpEpochs: 1 },
      gamma: '1/branches',
      evaluateEvery: 5,
    },
    export: [],
  },
  entrants: {
    plain: { strategy: 'plain' },
    acb: { strategy: 'acb' },
    dbb: { strategy: 'dbb' },
    random: { strategy: 'random' },
    pair: { strategy: 'pair' },
    repnas: { strategy: 'repnas', train: { gamma: 1 } },
    shrink: { strategy: 'shrink', importance: 'bn-scale' },
  },
  seeds: 5,
  against: ['plain', 'random'],
  equalTime: { to: 'shrink', entrants: ['plain'] },
});
