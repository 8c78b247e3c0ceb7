import type { ImportanceEstimator } from '../../core/contracts/index.js';
import { bnScale } from './bn-scale.js';
import { gradWeight } from './grad-weight.js';
import { gumbelSigmoid } from './gumbel-sigmoid.js';
import { logisticRanking } from './logistic-ranking.js';

const parts = [logisticRanking, gumbelSigmoid, bnScale, gradWeight] as const;

export type ImportanceEstimators = typeof parts;

export const importanceEstimators: readonly ImportanceEstimator[] = parts;
