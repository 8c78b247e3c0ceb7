import { defineComparison } from '../../core/compare/schema.js';

/** The same table in minutes: a narrow VGG-16, a part of the images, a few epochs. */
export default defineComparison({
  shared: { extends: 'repnas:cifar10-recipe-toy', backbone: { name: 'vgg', depth: 16, width: 0.125 }, export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    acb: { strategy: 'acb' },
    dbb: { strategy: 'dbb' },
    random: { strategy: 'random' },
    pair: { strategy: 'pair' },
    repnas: { strategy: 'repnas' },
  },
  seeds: 3,
});
