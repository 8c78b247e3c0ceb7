import { defineComparison } from '../../core/app/compare/schema.js';

/** The quickstart with several seeds, beside RepVGG's block and a random choice. No download: the digits come with a package. */
export default defineComparison({
  shared: { extends: 'repnas:quickstart', export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    repvgg: { strategy: 'repvgg' },
    random: { strategy: 'random' },
    shrink: { strategy: 'shrink' },
  },
  seeds: 5,
  against: ['plain', 'random', 'repvgg'],
});
