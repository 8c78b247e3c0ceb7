import { fixedStrategy } from './fixed.js';

/** Diverse Branch Block (Ding et al. 2021), the same in every layer. */
export const dbb = fixedStrategy('dbb', 'diverse branch block: KxK, 1x1, 1x1-KxK and 1x1-average in every block', [
  'conv-kxk',
  'conv-1x1',
  'conv-1x1-kxk',
  'conv-1x1-avg',
]);
