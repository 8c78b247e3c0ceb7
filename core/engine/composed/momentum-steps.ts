import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type MomentumStepAttributes, type MomentumStepsAttributes } from '../kernels.js';
import { composed, runKernel, runReplacing } from '../registry.js';

/**
 * One step of SGD with momentum on many parameters, as torch.optim.SGD: moves them and their velocities, variables of the
 * same shapes. `scale` (a scalar) multiplies the gradients first: clipping. Has no gradient.
 * @throws Error if there is not one gradient, velocity and weight decay for each parameter.
 */
export function momentumSteps(
  parameters: readonly tf.Variable[],
  gradients: readonly tf.Tensor[],
  velocities: readonly tf.Variable[],
  scale: tf.Scalar,
  attributes: MomentumStepsAttributes,
): void {
  const count = parameters.length;
  if ([gradients, velocities, attributes.weightDecays].some(({ length }) => length !== count))
    throw new Error(
      `momentumSteps: expected a gradient, a velocity and a weight decay for each of ${count} parameters; ` +
        `found ${gradients.length}, ${velocities.length} and ${attributes.weightDecays.length}`,
    );
  if (count === 0) return;
  const inputs = [scale, ...parameters, ...gradients, ...velocities];
  runReplacing(KERNELS.momentumSteps, inputs, attributes, [...parameters, ...velocities]);
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

/** Moves parameters one by one, with the kernel for one. */
const together = composed<readonly tf.Tensor[], MomentumStepsAttributes>(
  KERNELS.momentumSteps,
  ([scale, ...rest], { weightDecays, ...attributes }) => {
    const count = weightDecays.length;
    const steps = weightDecays.map((weightDecay, index) => {
      const [parameter, gradient, velocity] = [0, 1, 2].map((part) => rest[part * count + index] as tf.Tensor) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      const inputs = { parameter, gradient, velocity, scale: scale as tf.Tensor };
      return runKernel<tf.Tensor[]>(KERNELS.momentumStep, inputs, { ...attributes, weightDecay });
    });
    return [0, 1].flatMap((part) => steps.map((step) => step[part] as tf.Tensor));
  },
);

export const momentumStepping = { kernels: [forward, together], gradients: [] };
