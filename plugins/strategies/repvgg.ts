import { fixedStrategy } from './fixed.js';

/** RepVGG's block (Ding et al. 2021): the identity only where shapes allow. */
export const repvgg = fixedStrategy('repvgg', 'RepVGG block: KxK, 1x1 and identity in every block', [
  'conv-kxk',
  'conv-1x1',
  'identity',
]);
