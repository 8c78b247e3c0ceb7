import * as tf from '@tensorflow/tfjs-core';
import { KERNELS } from '../kernels.js';
import { composed, runKernel } from '../registry.js';

/** dy where a ReLU gave more than zero, else zero: the gradient of y = max(x, 0) from its output. */
export const reluGradient = (y: tf.Tensor, dy: tf.Tensor): tf.Tensor =>
  runKernel<tf.Tensor>(KERNELS.reluGradient, { y, dy });

const forward = composed<{ y: tf.Tensor; dy: tf.Tensor }, object>(KERNELS.reluGradient, ({ y, dy }) =>
  tf.mul(dy, tf.step(y)),
);

export const reluGradients = { kernels: [forward], gradients: [] };
