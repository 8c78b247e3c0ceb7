import { defineComparison } from '../../core/app/compare/schema.js';

/** The same question in minutes: a sixteenth of the width, on a part of CIFAR-10. */
export default defineComparison({
  shared: {
    extends: 'repnas:cifar10-recipe-toy',
    backbone: { name: 'repvgg', variant: 'a0', width: 0.0625 },
    export: [],
  },
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
