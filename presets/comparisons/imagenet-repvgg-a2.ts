import { defineComparison } from '../../core/app/compare/schema.js';

/** The contest of RepVGG-A0 for RepVGG-A2. */
export default defineComparison({
  extends: 'repnas:imagenet-repvgg-a0',
  shared: { backbone: { name: 'repvgg', variant: 'a2' } },
});
