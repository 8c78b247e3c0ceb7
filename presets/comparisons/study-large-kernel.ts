import { defineComparison } from '../../core/app/compare/schema.js';

/** Branches of 7x7 convolutions, which 1x7 and 7x1 ones cover a seventh of: Cifar-quick with three of them, half of its gates kept. */
export default defineComparison({
  shared: {
    extends: 'repnas:deep-recipe',
    backbone: { name: 'cifar-quick', kernelSize: 7 },
    budget: { keptRatio: 0.5 },
    export: [],
  },
  entrants: {
    plain: { strategy: 'plain' },
    acb: { strategy: 'acb' },
    dbb: { strategy: 'dbb' },
    repvgg: { strategy: 'repvgg' },
    random: { strategy: 'random' },
    shrink: { strategy: 'shrink', importance: 'bn-scale' },
  },
  seeds: 5,
  against: ['plain', 'random'],
});
