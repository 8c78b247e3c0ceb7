import { fixedStrategyWithIdentity } from './fixed.js';

/** The control that RepNAS' own published architecture amounts to: almost every layer kept these two. */
export const pair = fixedStrategyWithIdentity('pair', 'KxK and 1x1-KxK in every block, the hand-written control', [
  'conv-kxk',
  'conv-1x1-kxk',
]);
