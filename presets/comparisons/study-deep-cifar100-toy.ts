import { defineComparison } from '../../core/app/compare/schema.js';

/** The same question with a hundred classes. */
export default defineComparison({
  extends: 'repnas:study-deep-toy',
  shared: { dataset: { name: 'cifar100', limit: { train: 6000, test: 5000 } } },
});
