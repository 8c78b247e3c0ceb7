import type { KernelConfig } from '@tensorflow/tfjs-core';
import { convolutionKernelGradient } from './convolution-kernel-gradient.js';
import { maxPoolGradient } from './max-pool-gradient.js';

/** The operations of core/ops that this engine computes itself. */
export const kernels: readonly KernelConfig[] = [convolutionKernelGradient, maxPoolGradient];
