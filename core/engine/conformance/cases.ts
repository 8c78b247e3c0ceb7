import type { ConformanceCase } from './case.js';
import { biasedConvolutions, convolutions } from './cases/convolutions.js';
import { edges } from './cases/edges.js';
import { kernelNorms, mergedKernels, squeezedKernels, tapProducts } from './cases/moments.js';
import {
  affineSums,
  branchNorms,
  constantConvolutions,
  normConstants,
  patchMoments,
  runningStatistics,
  scaleNorms,
} from './cases/norms.js';
import { pools } from './cases/pools.js';
import { specialValues } from './cases/special-values.js';
import {
  accumulations,
  crossEntropies,
  momentumSteps,
  reluGradients,
  singleMomentumSteps,
  squaredNorms,
} from './cases/steps.js';
import { tensorflowKernels } from './cases/tensorflow.js';

/**
 * Every kernel, over the shapes where implementations differ: odd and even sizes, strides, groups, widths that no SIMD
 * step divides.
 */
export const conformanceCases = (): ConformanceCase[] => [
  ...convolutions(),
  ...pools(),
  ...branchNorms(),
  ...scaleNorms(),
  ...patchMoments(),
  ...kernelNorms(),
  ...mergedKernels(),
  ...tapProducts(),
  ...squeezedKernels(),
  ...reluGradients(),
  ...affineSums(),
  ...biasedConvolutions(),
  ...runningStatistics(),
  ...normConstants(),
  ...constantConvolutions(),
  ...crossEntropies(),
  ...accumulations(),
  ...singleMomentumSteps(),
  ...momentumSteps(),
  ...squaredNorms(),
  ...tensorflowKernels(),
  ...edges(),
  ...specialValues(),
];
