import type { Observer } from '../../core/contracts/index.js';
import { console } from './console.js';
import { csv } from './csv.js';
import { jsonl } from './jsonl.js';

const parts = [console, jsonl, csv] as const;

export type Observers = typeof parts;

export const observers: readonly Observer[] = parts;
