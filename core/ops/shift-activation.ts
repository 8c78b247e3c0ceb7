import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type ShiftActivationAttributes } from './kernels.js';
import { channelSum } from './moments.js';
import { composed, differentiable, runKernel } from './registry.js';
import { reluGradient } from './relu-gradient.js';

/** act(u + shift) for u `[N,H,W,C]`, shift `[C]`: a convolution's bias and ReLU. Differentiable in both. */
export const shiftActivation = (u: tf.Tensor4D, shift: tf.Tensor1D, relu: boolean): tf.Tensor4D => {
  const attributes: ShiftActivationAttributes = { relu };
  return runKernel<tf.Tensor4D>(KERNELS.shiftActivation, { u, shift }, attributes);
};

const forward = composed<{ u: tf.Tensor4D; shift: tf.Tensor1D }, ShiftActivationAttributes>(
  KERNELS.shiftActivation,
  ({ u, shift }, { relu }) => (relu ? tf.relu(tf.add(u, shift)) : tf.add(u, shift)),
);

const inputGradients = composed<{ dy: tf.Tensor4D; y: tf.Tensor4D }, ShiftActivationAttributes>(
  KERNELS.shiftActivationGradient,
  ({ dy, y }, { relu }) => {
    const du = (relu ? reluGradient(y, dy) : tf.clone(dy)) as tf.Tensor4D;
    return [du, channelSum(du)];
  },
);

const gradient = differentiable<ShiftActivationAttributes>({
  name: KERNELS.shiftActivation,
  outputsToSave: [true],
  gradient: (dy, [y], { relu }) => {
    const inputs = { dy, ...(relu && y && { y }) };
    const [du, dshift] = runKernel<tf.Tensor[]>(KERNELS.shiftActivationGradient, inputs, { relu }) as [
      tf.Tensor,
      tf.Tensor,
    ];
    return { u: () => du, shift: () => dshift };
  },
});

export const shiftActivations = { kernels: [forward, inputGradients], gradients: [gradient] };
