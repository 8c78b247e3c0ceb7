import type { Exporter } from '../../core/contracts/index.js';
import { onnx } from './onnx.js';
import { safetensors } from './safetensors.js';
import { tfjs } from './tfjs.js';

export const exporters: readonly Exporter[] = [tfjs, onnx, safetensors];
