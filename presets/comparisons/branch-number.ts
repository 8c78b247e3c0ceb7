import { defineComparison } from '../../core/app/compare/schema.js';

/**
 * How many of 149 branches a deep network without shortcuts should keep: chosen by shrinking, and at random. KxK alone takes 22;
 * `all` trains every branch to the end.
 */
export default defineComparison({
  shared: { extends: 'repnas:deep-recipe', export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    'shrink-25': { strategy: 'shrink', importance: 'bn-scale', budget: { branches: 25 } },
    'shrink-50': { strategy: 'shrink', importance: 'bn-scale', budget: { branches: 50 } },
    'shrink-75': { strategy: 'shrink', importance: 'bn-scale', budget: { branches: 75 } },
    'shrink-100': { strategy: 'shrink', importance: 'bn-scale', budget: { branches: 100 } },
    all: { strategy: 'every-block' },
    'random-50': { strategy: 'random', budget: { branches: 50 } },
    'random-100': { strategy: 'random', budget: { branches: 100 } },
  },
  seeds: 5,
  against: ['plain', 'all'],
});
