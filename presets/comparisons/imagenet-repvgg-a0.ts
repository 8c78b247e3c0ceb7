import { defineComparison } from '../../core/app/compare/schema.js';

/** RepVGG-A0 on ImageNet: searching 75 branches against RepVGG's own block, the plain network and a random choice. */
export default defineComparison({
  shared: {
    extends: 'repnas:imagenet-recipe',
    backbone: { name: 'repvgg', variant: 'a0' },
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
