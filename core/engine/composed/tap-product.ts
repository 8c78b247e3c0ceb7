import * as tf from '@tensorflow/tfjs-core';
import { rowsOf } from '../kernel-rows.js';
import { KERNELS, type TapProductAttributes } from '../kernels.js';
import { composed, differentiable, runKernel } from '../registry.js';

/**
 * A pointwise kernel `[C, T]` followed by one with n taps `[n·T, O]`, as one kernel: tap by tap a product, `[n·C, O]`.
 * Differentiable in both.
 * @throws Error if the second holds no whole number of taps.
 */
export function tapProduct(first: tf.Tensor, second: tf.Tensor): tf.Tensor2D {
  const [inner, outputs] = [first.shape.at(-1) ?? 0, second.shape.at(-1) ?? 0];
  if (!Number.isInteger(second.size / (inner * outputs)))
    throw new Error(`tapProduct: [${second.shape}] holds no whole number of taps for [${first.shape}]`);
  return runKernel<tf.Tensor2D>(KERNELS.tapProduct, { first, second });
}

interface Inputs extends Record<string, tf.Tensor> {
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
}

/** `[1, C, T]` and `[n, T, O]`. */
function batches({ first, second }: Inputs): [tf.Tensor3D, tf.Tensor3D] {
  const [inner, outputs] = [first.shape.at(-1) as number, second.shape.at(-1) as number];
  return [tf.reshape(first, [1, -1, inner]) as tf.Tensor3D, tf.reshape(second, [-1, inner, outputs]) as tf.Tensor3D];
}

const forward = composed<Inputs, TapProductAttributes>(KERNELS.tapProduct, (inputs) => {
  const [wide, taps] = batches(inputs);
  return rowsOf(tf.matMul(wide, taps));
});

const inputGradients = composed<Inputs & { readonly dy: tf.Tensor }, TapProductAttributes>(
  KERNELS.tapProductGradient,
  ({ dy, ...inputs }) => {
    const [wide, taps] = batches(inputs);
    const dys = tf.reshape(dy, [taps.shape[0], wide.shape[1], taps.shape[2]]);
    const { first, second } = inputs;
    return [
      tf.reshape(tf.sum(tf.matMul(dys, taps, false, true), 0), first.shape),
      tf.reshape(tf.matMul(wide, dys, true, false), second.shape),
    ];
  },
);

const gradient = differentiable<TapProductAttributes>({
  name: KERNELS.tapProduct,
  inputsToSave: ['first', 'second'],
  gradient: (dy, saved) => {
    const [first, second] = saved as [tf.Tensor, tf.Tensor];
    const gradients = runKernel<tf.Tensor[]>(KERNELS.tapProductGradient, { dy, first, second });
    return { first: () => gradients[0] as tf.Tensor, second: () => gradients[1] as tf.Tensor };
  },
});

export const tapProducts = { kernels: [forward, inputGradients], gradients: [gradient] };
