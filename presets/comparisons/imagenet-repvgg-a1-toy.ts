import { defineComparison } from '../../core/compare/schema.js';

/** The same contest for RepVGG-A1 in minutes, on any folder of images. */
export default defineComparison({
  shared: {
    extends: 'repnas:imagenet-recipe-toy',
    backbone: { name: 'repvgg', variant: 'a1', width: 0.0625 },
    budget: { branches: 75 },
    export: [],
  },
  entrants: {
    plain: { strategy: 'plain' },
    repvgg: { strategy: 'repvgg' },
    random: { strategy: 'random' },
    repnas: { strategy: 'repnas' },
  },
  seeds: 3,
  against: ['plain', 'repvgg', 'random'],
});
