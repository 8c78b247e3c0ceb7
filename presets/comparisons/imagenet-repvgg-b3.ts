import { defineComparison } from '../../core/app/compare/schema.js';

/** The contest of RepVGG-A0 for RepVGG-B3. */
export default defineComparison({
  extends: 'repnas:imagenet-repvgg-a0',
  shared: { backbone: { name: 'repvgg', variant: 'b3' } },
});
