import { defineComparison } from '../../core/app/compare/schema.js';

/** The same question in minutes. */
export default defineComparison({
  extends: 'repnas:branch-number',
  shared: { extends: 'repnas:deep-recipe-toy', export: [] },
  seeds: 3,
});
