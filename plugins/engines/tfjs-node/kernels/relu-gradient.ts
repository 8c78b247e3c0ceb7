import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS } from '../../../../core/engine/index.js';
import { type NodeBackend, type Operation, operate } from '../backend.js';
import { kernel } from './register.js';

const GRADIENT: Operation = { name: 'ReluGrad', types: ['T'], outputs: 1 };

/** dy where a ReLU gave y > 0, else zero, in one operation: TensorFlow.js makes `step` of six. */
export const passed = (backend: NodeBackend, y: tf.Tensor, dy: tf.Tensor): tf.Tensor =>
  operate(backend, GRADIENT, [dy, y])[0] as tf.Tensor;

export const reluGradient = kernel<Record<'y' | 'dy', tf.Tensor>>(KERNELS.reluGradient, ({ y, dy }, _, backend) =>
  passed(backend, y, dy),
);
