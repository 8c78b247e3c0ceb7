import type { ImportanceEstimator } from '../../core/contracts/index.js';
import { bnScale } from './bn-scale.js';
import { gradWeight } from './grad-weight.js';
import { gumbelSigmoid } from './gumbel-sigmoid.js';
import { logisticRanking } from './logistic-ranking.js';

export const importanceEstimators: readonly ImportanceEstimator[] = [
  logisticRanking,
  gumbelSigmoid,
  bnScale,
  gradWeight,
];
