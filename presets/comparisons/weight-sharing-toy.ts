import { defineComparison } from '../../core/compare/schema.js';

/** The same question in minutes: a narrow VGG-16, a part of the images, a few epochs. */
export default defineComparison({
  shared: { extends: 'repnas:cifar10-recipe-toy', backbone: { name: 'vgg', depth: 16, width: 0.125 }, export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    shared: { strategy: 'repnas', weightSharing: 'kernel-slice' },
    separate: { strategy: 'repnas', weightSharing: 'none' },
  },
  seeds: 3,
  against: ['plain', 'separate'],
});
