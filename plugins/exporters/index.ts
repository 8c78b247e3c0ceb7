import type { Exporter } from '../../core/contracts/index.js';
import { onnx } from './onnx.js';
import { safetensors } from './safetensors.js';
import { tfjs } from './tfjs.js';

const parts = [tfjs, onnx, safetensors] as const;

export type Exporters = typeof parts;

export const exporters: readonly Exporter[] = parts;
