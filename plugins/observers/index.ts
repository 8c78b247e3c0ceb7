import type { Observer } from '../../core/contracts/index.js';
import { console } from './console.js';
import { csv } from './csv.js';
import { jsonl } from './jsonl.js';

export const observers: readonly Observer[] = [console, jsonl, csv];
