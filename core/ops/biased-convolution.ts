import * as tf from '@tensorflow/tfjs-core';
import { checkConvolution } from './convolution.js';
import { type BiasedConvolutionAttributes, KERNELS } from './kernels.js';
import { composed, runKernel } from './registry.js';

/**
 * act(x * kernel + bias), the block of a fused network, for x `[N,H,W,C]`, kernel `[KH,KW,C/groups,O]`, bias `[O]`. Has no gradient.
 * @throws Error where channels, groups and kernel do not fit together.
 */
export function convolveBiased(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D,
  attributes: BiasedConvolutionAttributes,
): tf.Tensor4D {
  checkConvolution(x.shape, kernel.shape, attributes);
  if (bias.size !== kernel.shape[3])
    throw new Error(
      `convolveBiased: the kernel [${kernel.shape}] asks for ${kernel.shape[3]} biases; found ${bias.size}`,
    );
  return runKernel<tf.Tensor4D>(KERNELS.biasedConvolution, { x, kernel, bias }, attributes);
}

const forward = composed<{ x: tf.Tensor4D; kernel: tf.Tensor4D; bias: tf.Tensor1D }, BiasedConvolutionAttributes>(
  KERNELS.biasedConvolution,
  ({ x, kernel, bias }, { relu, ...attributes }) => {
    const y: tf.Tensor4D = tf.add(runKernel<tf.Tensor4D>(KERNELS.convolution, { x, kernel }, attributes), bias);
    return relu ? tf.relu(y) : y;
  },
);

export const biasedConvolutions = { kernels: [forward], gradients: [] };
