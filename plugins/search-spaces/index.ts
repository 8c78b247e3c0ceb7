import type { SearchSpace } from '../../core/contracts/index.js';
import { perBlock } from './per-block.js';

const parts = [perBlock] as const;

export type SearchSpaces = typeof parts;

export const searchSpaces: readonly SearchSpace[] = parts;
