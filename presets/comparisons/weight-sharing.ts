import { defineComparison } from '../../core/app/compare/schema.js';

/** Whether the branches of a block should train one kernel between them while they are searched (paper, section 3.3). */
export default defineComparison({
  shared: { extends: 'repnas:cifar10-recipe', backbone: { name: 'vgg', depth: 16 }, export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    shared: { strategy: 'repnas', weightSharing: 'kernel-slice' },
    separate: { strategy: 'repnas', weightSharing: 'none' },
  },
  seeds: 3,
  against: ['plain', 'separate'],
});
