import * as tf from '@tensorflow/tfjs-core';
import { accumulation } from './accumulate.js';
import { affineSums } from './affine-sum.js';
import { averagePooling } from './average-pool.js';
import { biasedConvolutions } from './biased-convolution.js';
import { branchNormalisation } from './branch-norm.js';
import { constantConvolutions } from './constant-convolution.js';
import { convolution } from './convolution.js';
import { crossEntropies } from './cross-entropy.js';
import { kernelNormalisation } from './kernel-norm.js';
import type { KernelName } from '../kernels.js';
import { maxPooling } from './max-pool.js';
import { kernelMerging } from './merged-kernel.js';
import { momentumStepping } from './momentum-steps.js';
import { normConstants } from './norm-constant.js';
import { patchMomentSums } from './patch-moments.js';
import { reluGradients } from './relu-gradient.js';
import { runningStatisticsUpdates } from './running-statistics.js';
import { scaleNormalisation } from './scale-norm.js';
import { squaredNorms } from './squared-norm.js';
import { kernelSqueezing } from './squeezed-kernel.js';
import { tapProducts } from './tap-product.js';
// Imported for its side effect: it registers the gradients of TensorFlow.js' own operations.
import '@tensorflow/tfjs-layers';

const OPERATIONS = [
  convolution,
  averagePooling,
  maxPooling,
  branchNormalisation,
  scaleNormalisation,
  patchMomentSums,
  kernelNormalisation,
  kernelMerging,
  tapProducts,
  kernelSqueezing,
  reluGradients,
  affineSums,
  biasedConvolutions,
  runningStatisticsUpdates,
  normConstants,
  constantConvolutions,
  crossEntropies,
  accumulation,
  momentumStepping,
  squaredNorms,
];

/**
 * Registers the composed form of every kernel for a TensorFlow.js backend, except those that the engine has itself.
 * Also registers the gradients, which all backends share, once per process.
 */
export function registerComposedKernels(backend: string, except: readonly KernelName[] = []): void {
  for (const config of OPERATIONS.flatMap(({ gradients }): readonly tf.GradConfig[] => gradients)) {
    if (!tf.getGradient(config.kernelName)) tf.registerGradient(config);
  }
  for (const { name, kernelFunc } of OPERATIONS.flatMap(({ kernels }) => kernels)) {
    if (except.includes(name) || tf.getKernel(name, backend)) continue;
    tf.registerKernel({ kernelName: name, backendName: backend, kernelFunc });
  }
}
