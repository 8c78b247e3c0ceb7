import type { WeightSharing } from '../../core/contracts/index.js';
import { kernelSlice } from './kernel-slice.js';
import { none } from './none.js';

export const weightSharings: readonly WeightSharing[] = [kernelSlice, none];
