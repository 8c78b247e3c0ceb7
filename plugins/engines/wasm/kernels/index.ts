import type { KernelConfig } from '@tensorflow/tfjs-core';
import { affineSum } from './affine-sum.js';
import { branchNorms } from './branch-norm.js';
import { convolutionKernelGradient } from './convolution-kernel-gradient.js';
import { maxPoolGradient } from './max-pool-gradient.js';
import { optimizerSteps } from './optimizer-steps.js';
import { scaleNorms } from './scale-norm.js';

/** The operations of core/engine that this engine computes itself. */
export const kernels: readonly KernelConfig[] = [
  convolutionKernelGradient,
  maxPoolGradient,
  ...branchNorms,
  ...scaleNorms,
  affineSum,
  ...optimizerSteps,
];
