import { defineComparison } from '../../core/app/compare/schema.js';

/** Does searching branches beat choosing them by hand, or at random? The question at a size that takes minutes. */
export default defineComparison({
  shared: {
    extends: 'repnas:cifar10-recipe-toy',
    dataset: { name: 'cifar10', limit: { train: 2000, test: 1000 } },
    backbone: { name: 'vgg', depth: 11, width: 0.125 },
    train: {
      epochs: { warmUp: 1, search: 2, frozen: 5 },
      schedule: { name: 'cosine', warmUpEpochs: 3 },
      batchSize: 32,
    },
    export: [],
  },
  entrants: {
    plain: { strategy: 'plain' },
    acb: { strategy: 'acb' },
    dbb: { strategy: 'dbb' },
    pair: { strategy: 'pair' },
    random: { strategy: 'random' },
    repnas: { strategy: 'repnas' },
  },
  seeds: 3,
});
