import { defineComparison } from '../../core/app/compare/schema.js';

/** The same table in minutes: a narrow VGG-16, a part of the images, a few epochs. */
export default defineComparison({
  extends: 'repnas:cifar10-vgg16',
  shared: { extends: 'repnas:cifar10-recipe-toy', backbone: { name: 'vgg', width: 0.125 } },
  seeds: 3,
});
