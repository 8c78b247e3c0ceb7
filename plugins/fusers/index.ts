import type { Fuser } from '../../core/contracts/index.js';
import { exact } from './exact.js';

export const fusers: readonly Fuser[] = [exact];
