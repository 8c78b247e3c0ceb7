import { defineComparison } from '../../core/app/compare/schema.js';

/** The same question in minutes: a narrow VGG-16, a part of the images, a few epochs. */
export default defineComparison({
  extends: 'repnas:weight-sharing',
  shared: { extends: 'repnas:cifar10-recipe-toy', backbone: { name: 'vgg', width: 0.125 } },
});
