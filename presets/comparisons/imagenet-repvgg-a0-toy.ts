import { defineComparison } from '../../core/app/compare/schema.js';

/** The same contest for RepVGG-A0 in minutes, on any folder of images. */
export default defineComparison({
  extends: 'repnas:imagenet-repvgg-a0',
  shared: { extends: 'repnas:imagenet-recipe-toy', backbone: { name: 'repvgg', width: 0.0625 } },
});
