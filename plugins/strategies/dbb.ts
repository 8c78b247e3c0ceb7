import type { BlockGeometry } from '../../core/contracts/index.js';
import { fixedStrategyWithIdentity } from './fixed.js';

const BRANCHES = ['conv-kxk', 'conv-1x1', 'conv-1x1-kxk', 'conv-1x1-avg'];

const isDepthwise = ({ groups, inChannels, outChannels }: BlockGeometry): boolean =>
  groups > 1 && groups === inChannels && groups === outChannels;

/** Diverse Branch Block (Ding et al. 2021), the same in every layer; its code gives depthwise convolutions no 1x1 branch. */
export const dbb = fixedStrategyWithIdentity(
  'dbb',
  'diverse branch block: KxK, 1x1, 1x1-KxK and 1x1-average in every block',
  (block) => (isDepthwise(block) ? BRANCHES.filter((branch) => branch !== 'conv-1x1') : BRANCHES),
);
