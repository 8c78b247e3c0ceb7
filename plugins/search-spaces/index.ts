import type { SearchSpace } from '../../core/contracts/index.js';
import { perBlock } from './per-block.js';

export const searchSpaces: readonly SearchSpace[] = [perBlock];
