import { affineSums } from './affine-sum.js';
import { arithmetic } from './arithmetic.js';
import { biasedConvolutions } from './biased-convolution.js';
import { boxes } from './boxes.js';
import { branchNorms } from './branch-norm.js';
import { convolutions } from './convolutions.js';
import { crossEntropies } from './cross-entropy.js';
import { fused } from './fused.js';
import { givenStatistics } from './given-statistics.js';
import { kernelNorms } from './kernel-norm.js';
import { matrixProducts } from './matrix-products.js';
import { mergedKernels } from './merged-kernel.js';
import { momentumStepping } from './momentum-steps.js';
import { patchMoments } from './patch-moments.js';
import { pools } from './pools.js';
import { reductions } from './reductions.js';
import type { OneDnnKernel } from './register.js';
import { reluGradients } from './relu-gradient.js';
import { runningStatisticsUpdates } from './running-statistics.js';
import { scaleNorms } from './scale-norm.js';
import { softmaxes } from './softmax.js';
import { squaredNorm } from './squared-norm.js';
import { squeezedKernels } from './squeezed-kernel.js';
import { tapProducts } from './tap-product.js';
import { tensorflowConvolutions } from './tensorflow-convolutions.js';
import { tensorflowPools } from './tensorflow-pools.js';

/** Every kernel that this engine computes itself. */
export const kernels: readonly OneDnnKernel[] = [
  ...convolutions,
  ...biasedConvolutions,
  ...branchNorms,
  ...scaleNorms,
  ...affineSums,
  ...patchMoments,
  ...kernelNorms,
  ...mergedKernels,
  ...tapProducts,
  ...squeezedKernels,
  ...reluGradients,
  ...pools,
  ...matrixProducts,
  ...reductions,
  ...arithmetic,
  ...boxes,
  ...crossEntropies,
  ...momentumStepping,
  squaredNorm,
  ...runningStatisticsUpdates,
  ...tensorflowConvolutions,
  ...tensorflowPools,
  ...fused,
  ...softmaxes,
  ...givenStatistics,
];
