import * as tf from '@tensorflow/tfjs-core';
import { affineSum } from './affine-sum.js';
import { reluGradient } from './relu-gradient.js';

/** act(u + shift) for u `[N,H,W,C]`, shift `[C]`: a convolution's bias and ReLU. Differentiable in both. */
export const shiftActivation = (u: tf.Tensor4D, shift: tf.Tensor1D, relu: boolean): tf.Tensor4D =>
  (relu ? shiftRelu : shiftOnly)(u, shift) as tf.Tensor4D;

const operation = (relu: boolean) =>
  tf.customGrad((...given) => {
    const [u, shift, save] = given as unknown as [tf.Tensor4D, tf.Tensor1D, tf.GradSaveFunc];
    const value = tf.tidy(() => affineSum([u], [tf.ones(shift.shape)], shift, relu));
    save(relu ? [value] : []);
    const gradFunc = (dy: tf.Tensor, [y]: tf.Tensor[]): tf.Tensor[] => {
      const du = y ? reluGradient(y, dy) : dy;
      return [du, tf.sum(du, [0, 1, 2])];
    };
    return { value, gradFunc };
  });

const [shiftRelu, shiftOnly] = [operation(true), operation(false)];
