import { defineComparison } from '../../core/app/compare/schema.js';

/** How many branches RepVGG-A0 should keep of its 149 on ImageNet; the paper's setting is 75. */
export default defineComparison({
  shared: { extends: 'repnas:imagenet-recipe', backbone: { name: 'repvgg', variant: 'a0' }, export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    'branches-25': { strategy: 'repnas', budget: { branches: 25 } },
    'branches-50': { strategy: 'repnas', budget: { branches: 50 } },
    'branches-75': { strategy: 'repnas', budget: { branches: 75 } },
    'branches-100': { strategy: 'repnas', budget: { branches: 100 } },
  },
  seeds: 3,
  against: ['plain', 'branches-75'],
});
