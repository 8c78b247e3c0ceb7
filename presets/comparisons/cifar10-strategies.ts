import { defineComparison } from '../../core/app/compare/schema.js';

/**
 * Every strategy on VGG-16 and CIFAR-10 with one recipe and one budget. Evolution measures masks on a tenth of the training
 * images, so nobody trains on them.
 */
export default defineComparison({
  shared: {
    extends: 'repnas:cifar10-recipe',
    backbone: { name: 'vgg', depth: 16 },
    validation: { fraction: 0.1 },
    export: [],
  },
  entrants: {
    plain: { strategy: 'plain' },
    acb: { strategy: 'acb' },
    dbb: { strategy: 'dbb' },
    repvgg: { strategy: 'repvgg' },
    pair: { strategy: 'pair' },
    orepa: { strategy: 'orepa' },
    sgs: { strategy: 'sgs' },
    dyrep: { strategy: { name: 'dyrep', interval: 15, until: 500 } },
    random: { strategy: 'random' },
    evolution: { strategy: 'evolution' },
    repnas: { strategy: 'repnas' },
  },
  seeds: 3,
});
