import * as tf from '@tensorflow/tfjs-core';
import { checkConvolution } from './convolution.js';
import { type BiasActivationAttributes, type BiasedConvolutionAttributes, KERNELS } from '../kernels.js';
import { channelSum } from './moments.js';
import { composed, differentiable, runKernel } from '../registry.js';
import { reluGradient } from './relu-gradient.js';

/**
 * act(x * kernel + bias), a block folded into one convolution, for x `[N,H,W,C]`, kernel `[KH,KW,C/groups,O]`, bias `[O]`.
 * Differentiable in all three.
 * @throws Error if channels, groups and kernel do not fit together.
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

const activationGradient = composed<{ dy: tf.Tensor4D; y: tf.Tensor4D }, BiasActivationAttributes>(
  KERNELS.biasActivationGradient,
  ({ dy, y }, { relu }) => {
    const du = (relu ? reluGradient(y, dy) : tf.clone(dy)) as tf.Tensor4D;
    return [du, channelSum(du)];
  },
);

const gradient = differentiable<BiasedConvolutionAttributes>({
  name: KERNELS.biasedConvolution,
  inputsToSave: ['x', 'kernel'],
  outputsToSave: [true],
  gradient: (given, saved, { relu, ...attributes }) => {
    const [x, kernel, y] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const inputs = { dy: given as tf.Tensor, ...(relu && { y }) };
    const [dy, dbias] = runKernel<tf.Tensor[]>(KERNELS.biasActivationGradient, inputs, { relu }) as [
      tf.Tensor4D,
      tf.Tensor1D,
    ];
    return {
      x: () => runKernel(KERNELS.convolutionInputGradient, { dy, kernel }, { ...attributes, inputShape: x.shape }),
      kernel: () =>
        runKernel(KERNELS.convolutionKernelGradient, { x, dy }, { ...attributes, kernelShape: kernel.shape }),
      bias: () => dbias,
    };
  },
});

export const biasedConvolutions = { kernels: [forward, activationGradient], gradients: [gradient] };
