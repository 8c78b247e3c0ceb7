import { defineComparison } from '../../core/app/compare/schema.js';

/** Branches of depthwise convolutions, which mix no channels: MobileNet at a quarter of its width, half of its gates kept. */
export default defineComparison({
  shared: {
    extends: 'repnas:deep-recipe',
    backbone: { name: 'mobilenet', width: 0.25 },
    budget: { keptRatio: 0.5 },
    export: [],
  },
  entrants: {
    plain: { strategy: 'plain' },
    acb: { strategy: 'acb' },
    dbb: { strategy: 'dbb' },
    repvgg: { strategy: 'repvgg' },
    random: { strategy: 'random' },
    shrink: { strategy: 'shrink', importance: 'bn-scale' },
  },
  seeds: 5,
  against: ['plain', 'random'],
});
