import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type MomentumStepAttributes } from './kernels.js';
import { composed, runKernel } from './registry.js';

/**
 * One step of SGD with momentum on one parameter, as torch.optim.SGD: gives the new parameter and the new velocity, of the
 * parameter's shape. `scale` (a scalar) multiplies the gradient first: clipping. Has no gradient.
 */
export function momentumStep(
  parameter: tf.Tensor,
  gradient: tf.Tensor,
  velocity: tf.Tensor,
  scale: tf.Scalar,
  attributes: MomentumStepAttributes,
): [parameter: tf.Tensor, velocity: tf.Tensor] {
  const inputs = { parameter, gradient, velocity, scale };
  return runKernel<tf.Tensor[]>(KERNELS.momentumStep, inputs, attributes) as [tf.Tensor, tf.Tensor];
}

const forward = composed<
  { parameter: tf.Tensor; gradient: tf.Tensor; velocity: tf.Tensor; scale: tf.Scalar },
  MomentumStepAttributes
>(
  KERNELS.momentumStep,
  ({ parameter, gradient, velocity, scale }, { learningRate, momentum, weightDecay, nesterov }) => {
    const scaled = tf.mul(gradient, scale);
    const g = weightDecay === 0 ? scaled : tf.add(scaled, tf.mul(parameter, weightDecay));
    const moved = tf.add(tf.mul(velocity, momentum), g);
    const direction = nesterov ? tf.add(g, tf.mul(moved, momentum)) : moved;
    return [tf.sub(parameter, tf.mul(direction, learningRate)), moved];
  },
);

export const momentumSteps = { kernels: [forward], gradients: [] };
