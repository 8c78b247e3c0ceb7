import type { WeightSharing } from '../../core/contracts/index.js';
import { kernelSlice } from './kernel-slice.js';
import { none } from './none.js';

const parts = [kernelSlice, none] as const;

export type WeightSharings = typeof parts;

export const weightSharings: readonly WeightSharing[] = parts;
