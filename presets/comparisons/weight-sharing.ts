import { defineComparison } from '../../core/app/compare/schema.js';

/**
 * Sharing one kernel between the branches of a block while they are searched (RepNAS, section 3.3), against separate kernels:
 * under RepNAS, which samples masks, and under shrinking, which trains all branches at once.
 */
export default defineComparison({
  shared: { extends: 'repnas:deep-recipe', export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    'repnas-shared': { strategy: 'repnas', weightSharing: 'kernel-slice' },
    'repnas-separate': { strategy: 'repnas', weightSharing: 'none' },
    'shrink-shared': { strategy: 'shrink', importance: 'bn-scale', weightSharing: 'kernel-slice' },
    'shrink-separate': { strategy: 'shrink', importance: 'bn-scale', weightSharing: 'none' },
  },
  seeds: 5,
  against: ['plain', 'repnas-separate', 'shrink-separate'],
});
