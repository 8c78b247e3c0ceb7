import type { ImportanceEstimator } from '../../core/contracts/index.js';
import { bnScale } from './bn-scale.js';
import { fisher } from './fisher.js';
import { gradWeight } from './grad-weight.js';
import { gumbelSigmoid } from './gumbel-sigmoid.js';
import { logisticRanking } from './logistic-ranking.js';
import { lossChange } from './loss-change.js';
import { randomOrder } from './random-order.js';

const parts = [logisticRanking, gumbelSigmoid, bnScale, gradWeight, fisher, lossChange, randomOrder] as const;

export type ImportanceEstimators = typeof parts;

export const importanceEstimators: readonly ImportanceEstimator[] = parts;
