import { defineComparison } from '../../core/app/compare/schema.js';

/** The same table with a hundred classes. */
export default defineComparison({ extends: 'repnas:study-vgg16', shared: { dataset: 'cifar100' } });
