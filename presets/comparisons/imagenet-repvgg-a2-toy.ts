import { defineComparison } from '../../core/app/compare/schema.js';

/** The same contest for RepVGG-A2 in minutes, on any folder of images. */
export default defineComparison({
  extends: 'repnas:imagenet-repvgg-a0-toy',
  shared: { backbone: { name: 'repvgg', variant: 'a2' } },
});
