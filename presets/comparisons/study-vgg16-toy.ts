import { defineComparison } from '../../core/app/compare/schema.js';

/** The same table in minutes: an eighth of the width, a part of the images, eight epochs. */
export default defineComparison({
  extends: 'repnas:study-vgg16',
  shared: {
    dataset: { name: 'cifar10', limit: { train: 6000, test: 5000 } },
    backbone: { name: 'vgg', depth: 16, width: 0.125 },
    train: { epochs: { warmUp: 1, search: 3, frozen: 4 }, evaluateEvery: 8 },
  },
  seeds: 3,
});
