import type { Engine } from '../../core/contracts/index.js';
import { cpu } from './cpu.js';
import { onednn } from './onednn/engine.js';
import { wasm } from './wasm/engine.js';

export const engines: readonly Engine[] = [onednn, wasm, cpu];
