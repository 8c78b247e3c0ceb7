import { defineComparison } from '../../core/app/compare/schema.js';
import { large } from '../architectures/large.js';
import { small } from '../architectures/small.js';

/**
 * An architecture that was searched on few images, trained on many, against one searched on many: retrained from its start, and
 * as the search leaves it, with inherited weights (`searched`).
 */
export default defineComparison({
  shared: { extends: 'repnas:deep-recipe', export: [] },
  entrants: {
    random: { strategy: 'random' },
    repvgg: { strategy: 'repvgg' },
    searched: { strategy: 'shrink', importance: 'bn-scale' },
    'small-retrained': { strategy: { name: 'given', blocks: small } },
    'large-retrained': { strategy: { name: 'given', blocks: large } },
  },
  seeds: 5,
  against: ['random', 'repvgg', 'searched'],
});
