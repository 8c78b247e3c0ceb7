import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type PoolAttributes } from '../../../../core/engine/index.js';
import { borders, padded, unpadded } from './borders.js';
import { kernel } from './register.js';

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly y: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/** Below every value that could win. */
const LOWEST = -3.4028234663852886e38;

/** On the CPU, where of equal values the first wins, as it must; cuDNN promises nothing of the kind. */
export const maxPoolGradient = kernel<Inputs, PoolAttributes>(
  KERNELS.maxPoolGradient,
  ({ x, y, dy }, { size, stride, padding }, { isUsingGpuDevice }) => {
    if (isUsingGpuDevice) return undefined;
    const gradient = (input: tf.Tensor4D): tf.Tensor4D => {
      const attributes = { filterSize: size, strides: stride, pad: 'valid' };
      return tf.engine().runKernel(tf.MaxPoolGrad, { dy, input, output: y }, attributes);
    };
    if (padding === 0) return gradient(x);
    const around = borders([padding, padding]);
    return unpadded(x.shape, around, () => gradient(padded(x, around, LOWEST)));
  },
);
