import { defineComparison } from '../../core/app/compare/schema.js';

/** Is a search ahead of the plain network, a block written by hand and a random choice? On part of CIFAR-10. */
export default defineComparison({
  shared: { extends: 'repnas:deep-recipe-toy', export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    repvgg: { strategy: 'repvgg' },
    random: { strategy: 'random' },
    shrink: { strategy: 'shrink', importance: 'bn-scale' },
  },
  seeds: 5,
  against: ['plain', 'random', 'repvgg'],
});
