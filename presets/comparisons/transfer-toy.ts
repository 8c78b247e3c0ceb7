import { defineComparison } from '../../core/app/compare/schema.js';

/** The other way around, in minutes: the architecture searched on many images, trained on few. */
export default defineComparison({
  extends: 'repnas:transfer',
  shared: { extends: 'repnas:deep-recipe-toy', export: [] },
  seeds: 3,
});
