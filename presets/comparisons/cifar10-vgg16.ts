import { defineComparison } from '../../core/app/compare/schema.js';

/** The table of the RepNAS seeds: VGG-16 on CIFAR-10, searching against choosing by hand and at random. */
export default defineComparison({
  shared: { extends: 'repnas:cifar10-recipe', backbone: { name: 'vgg', depth: 16 }, export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    acb: { strategy: 'acb' },
    dbb: { strategy: 'dbb' },
    random: { strategy: 'random' },
    pair: { strategy: 'pair' },
    repnas: { strategy: 'repnas' },
  },
  seeds: 5,
});
