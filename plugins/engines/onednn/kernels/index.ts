import { branchNorms } from './branch-norm.js';
import { convolutions } from './convolutions.js';
import type { OneDnnKernel } from './register.js';

/** Every kernel that this engine computes itself. */
export const kernels: readonly OneDnnKernel[] = [...convolutions, ...branchNorms];
