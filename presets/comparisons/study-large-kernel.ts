import { defineComparison } from '../../core/app/compare/schema.js';

/** The same question of 7x7 convolutions, which 1x7 and 7x1 ones cover a seventh of: Cifar-quick with three of them. */
export default defineComparison({
  extends: 'repnas:study-depthwise',
  shared: { backbone: { name: 'cifar-quick', kernelSize: 7 } },
});
