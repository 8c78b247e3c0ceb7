import { defineComparison } from '../../core/app/compare/schema.js';

/** The same table with a hundred classes. */
export default defineComparison({
  extends: 'repnas:study-vgg16-toy',
  shared: { dataset: { name: 'cifar100', limit: { train: 6000, test: 5000 } } },
});
