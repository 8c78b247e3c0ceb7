import { defineComparison } from '../../core/app/compare/schema.js';

/** The same question with a hundred classes. */
export default defineComparison({
  extends: 'repnas:study-deep',
  shared: { dataset: { name: 'cifar100', limit: { train: 20000, test: 10000 } } },
});
