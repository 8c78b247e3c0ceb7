import type { Fuser } from '../../core/contracts/index.js';
import { exact } from './exact.js';

const parts = [exact] as const;

export type Fusers = typeof parts;

export const fusers: readonly Fuser[] = parts;
