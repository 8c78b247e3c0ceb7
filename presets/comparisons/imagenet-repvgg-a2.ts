import { defineComparison } from '../../core/compare/schema.js';

/** RepVGG-A2 on ImageNet: searching 75 branches against RepVGG's own block, the plain network and a random choice. */
export default defineComparison({
  shared: {
    extends: 'repnas:imagenet-recipe',
    backbone: { name: 'repvgg', variant: 'a2' },
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
