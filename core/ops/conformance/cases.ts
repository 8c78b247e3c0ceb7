import type { ConformanceCase } from './case.js';
import { biasedConvolutions, convolutions } from './cases/convolutions.js';
import {
  affineSums,
  branchNorms,
  patchMoments,
  runningStatistics,
  scaleNorms,
  shiftActivations,
} from './cases/norms.js';
import { pools } from './cases/pools.js';
import { crossEntropies, momentumSteps, reluGradients, squaredNorms } from './cases/steps.js';
import { tensorflowKernels } from './cases/tensorflow.js';

/** Every kernel over the shapes where implementations differ: odd and even sizes, strides, groups, widths off every SIMD step. */
export const conformanceCases = (): ConformanceCase[] => [
  ...convolutions(),
  ...pools(),
  ...branchNorms(),
  ...scaleNorms(),
  ...patchMoments(),
  ...reluGradients(),
  ...affineSums(),
  ...shiftActivations(),
  ...biasedConvolutions(),
  ...runningStatistics(),
  ...crossEntropies(),
  ...momentumSteps(),
  ...squaredNorms(),
  ...tensorflowKernels(),
];
