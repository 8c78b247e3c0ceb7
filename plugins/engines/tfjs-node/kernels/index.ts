import { branchNorms } from './branch-norm.js';
import { convolutions } from './convolutions.js';
import { maxPoolGradient } from './max-pool-gradient.js';
import type { NodeKernel } from './register.js';
import { reluGradient } from './relu-gradient.js';
import { scaleNorms } from './scale-norm.js';
import { tensorflowConvolutions } from './tensorflow-convolutions.js';

/** Kernels by TensorFlow.js' own: they run on any backend that has those. */
export const portable: readonly NodeKernel[] = [...convolutions, maxPoolGradient, ...tensorflowConvolutions];

/** Kernels by TensorFlow's operations that TensorFlow.js has no name for. */
const native: readonly NodeKernel[] = [...branchNorms, ...scaleNorms, reluGradient];

/** Every kernel that this engine computes itself. */
export const kernels: readonly NodeKernel[] = [...portable, ...native];
