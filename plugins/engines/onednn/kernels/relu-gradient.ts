import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS } from '../../../../core/engine/kernels.js';
import { reluGradient } from '../elementwise.js';
import { kernel } from './register.js';
import { expectShape } from './shapes.js';

export const reluGradients = [
  kernel<{ y: tf.TensorInfo; dy: tf.TensorInfo }>(KERNELS.reluGradient, (backend, { y, dy }) => {
    expectShape(KERNELS.reluGradient, 'dy', dy.shape, y.shape);
    const [output, gradient] = [
      backend.floats(y, KERNELS.reluGradient, 'y'),
      backend.floats(dy, KERNELS.reluGradient, 'dy'),
    ];
    const dx = backend.output(y.shape);
    if (output.length > 0) reluGradient(backend, output.length).run(output, gradient, dx.values);
    return dx.info;
  }),
];
