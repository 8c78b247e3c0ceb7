import { defineComparison } from '../../core/app/compare/schema.js';

/** The same question in minutes. */
export default defineComparison({
  extends: 'repnas:nas-comparison',
  shared: {
    dataset: { name: 'cifar10', limit: { train: 6000, test: 5000 } },
    train: { epochs: { warmUp: 1, search: 4, frozen: 5 }, evaluateEvery: 10 },
  },
  seeds: 3,
});
