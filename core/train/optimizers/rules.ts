import * as tf from '@tensorflow/tfjs-core';
import type { Rule } from './by-rule.js';

export interface AdamOptions {
  readonly name: 'adam' | 'adamw' | 'lamb';
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly decayNormAndBias: boolean;
}

export interface RmspropOptions {
  readonly name: 'rmsprop';
  readonly memory: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly decayNormAndBias: boolean;
}

export interface LionOptions {
  readonly name: 'lion';
  readonly betas: readonly [number, number];
  readonly decayNormAndBias: boolean;
}

/** The running means of a gradient and of its square, and the direction that Adam takes from them. */
function adamStep(
  gradient: tf.Tensor,
  [first, second]: readonly tf.Tensor[],
  count: number,
  { betas: [beta1, beta2], epsilon }: AdamOptions,
): { readonly m: tf.Tensor; readonly v: tf.Tensor; readonly direction: (times: number) => tf.Tensor } {
  const m = tf.add(tf.mul(first as tf.Tensor, beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(second as tf.Tensor, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const unbiased = tf.sqrt(tf.div(v, 1 - beta2 ** count));
  const direction = (times: number) => tf.div(tf.mul(m, times / (1 - beta1 ** count)), tf.add(unbiased, epsilon));
  return { m, v, direction };
}

/** Adam (Kingma and Ba 2015, algorithm 1) with weight decay added to the gradient, as torch.optim.Adam. */
export const adam = (options: AdamOptions): Rule => ({
  state: ['first', 'second'],
  update: ({ value, gradient, state, count, learningRate, weightDecay }) => {
    const { m, v, direction } = adamStep(tf.add(gradient, tf.mul(value, weightDecay)), state, count, options);
    return [tf.sub(value, direction(learningRate)), m, v];
  },
});

/** AdamW (Loshchilov and Hutter 2019, algorithm 2): weight decay beside the step instead of in the gradient, as torch.optim.AdamW. */
export const adamw = (options: AdamOptions): Rule => ({
  state: ['first', 'second'],
  update: ({ value, gradient, state, count, learningRate, weightDecay }) => {
    const { m, v, direction } = adamStep(gradient, state, count, options);
    return [tf.sub(tf.mul(value, 1 - learningRate * weightDecay), direction(learningRate)), m, v];
  },
});

/**
 * LAMB (You et al. 2020, algorithm 2): AdamW's direction, decay included, scaled in each tensor to the norm of its weights, for large
 * batches. A tensor of zeros, or without a direction, takes the step as it is.
 */
export const lamb = (options: AdamOptions): Rule => ({
  state: ['first', 'second'],
  update: ({ value, gradient, state, count, learningRate, weightDecay }) => {
    const { m, v, direction } = adamStep(gradient, state, count, options);
    const step = tf.add(direction(1), tf.mul(value, weightDecay));
    const [weights, length] = [tf.norm(value), tf.norm(step)];
    const usable = tf.logicalAnd(tf.greater(weights, 0), tf.greater(length, 0));
    const trust = tf.where(usable, tf.div(weights, tf.maximum(length, 1e-30)), tf.onesLike(weights));
    return [tf.sub(value, tf.mul(step, tf.mul(trust, learningRate))), m, v];
  },
});

/** RMSprop (Hinton 2012) with momentum, weight decay added to the gradient, as torch.optim.RMSprop. */
export const rmsprop = ({ memory, momentum, epsilon }: RmspropOptions): Rule => ({
  state: ['square', 'velocity'],
  update: ({ value, gradient, state: [square, velocity], learningRate, weightDecay }) => {
    const whole = tf.add(gradient, tf.mul(value, weightDecay));
    const mean = tf.add(tf.mul(square as tf.Tensor, memory), tf.mul(tf.square(whole), 1 - memory));
    const moved = tf.add(tf.mul(velocity as tf.Tensor, momentum), tf.div(whole, tf.add(tf.sqrt(mean), epsilon)));
    return [tf.sub(value, tf.mul(moved, learningRate)), mean, moved];
  },
});

/** Lion (Chen et al. 2023, algorithm 2): the sign of a mean of gradients, weight decay beside it. */
export const lion = ({ betas: [beta1, beta2] }: LionOptions): Rule => ({
  state: ['first'],
  update: ({ value, gradient, state: [first], learningRate, weightDecay }) => {
    const mean = first as tf.Tensor;
    const direction = tf.sign(tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)));
    const step = tf.add(direction, tf.mul(value, weightDecay));
    return [tf.sub(value, tf.mul(step, learningRate)), tf.add(tf.mul(mean, beta2), tf.mul(gradient, 1 - beta2))];
  },
});
