import type { Engine } from '../../core/contracts/index.js';
import { cpu } from './cpu.js';
import { onednn } from './onednn/engine.js';
import { tfjsNode, tfjsNodeGpu } from './tfjs-node/engine.js';
import { wasm } from './wasm/engine.js';
import { webgpu } from './webgpu/engine.js';

const parts = [tfjsNodeGpu, webgpu, onednn, tfjsNode, wasm, cpu] as const;

export type Engines = typeof parts;

export const engines: readonly Engine[] = parts;
