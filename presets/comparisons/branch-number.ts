import { defineComparison } from '../../core/app/compare/schema.js';

/**
 * How many of 149 branches a deep network without shortcuts should keep: chosen by shrinking, and at random. KxK alone takes 22;
 * `all` trains every branch to the end.
 */
export default defineComparison({
  shared: { extends: 'repnas:deep-recipe', export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    shrink: { strategy: 'shrink', importance: 'bn-scale', matrix: { 'budget.branches': [25, 50, 75, 100] } },
    all: { strategy: 'every-block' },
    random: { strategy: 'random', matrix: { 'budget.branches': [50, 100] } },
  },
  seeds: 5,
  against: ['plain', 'all'],
});
