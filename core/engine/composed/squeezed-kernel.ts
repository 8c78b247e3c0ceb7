import * as tf from '@tensorflow/tfjs-core';
import { rowsOf } from '../kernel-rows.js';
import { KERNELS, type SqueezedKernelAttributes } from '../kernels.js';
import { placement } from './placement.js';
import { composed, differentiable, runKernel } from '../registry.js';

/** One branch without batch-norms: its kernel `[n·C, O]` or `[KH,KW,C,O]`, and its scale `[O]`. */
export interface ScaledKernel {
  readonly kernel: tf.Tensor;
  readonly scale: tf.Tensor1D;
}

/**
 * The one kernel `[K, K, C, O]` that branches with a scale per channel are together (OREPA's block squeezing, arXiv 2204.00826,
 * section 3.2). Differentiable in kernels and scales; its cost does not depend on the images.
 * @throws Error if there are not places for each branch.
 */
export function squeezedKernel(branches: readonly ScaledKernel[], attributes: SqueezedKernelAttributes): tf.Tensor4D {
  const { places } = attributes;
  if (branches.length < 1 || places.length !== branches.length)
    throw new Error(
      `squeezedKernel: expected places for each branch; found ${branches.length} branches, ${places.length} places`,
    );
  const inputs = [...branches.map(({ kernel }) => kernel), ...branches.map(({ scale }) => scale)];
  return runKernel<tf.Tensor4D>(KERNELS.squeezedKernel, inputs, attributes);
}

const byTap = (kernel: tf.Tensor, taps: number): tf.Tensor2D => tf.reshape(kernel, [taps, -1]) as tf.Tensor2D;

const forward = composed<readonly tf.Tensor[], SqueezedKernelAttributes>(
  KERNELS.squeezedKernel,
  (inputs, { size, places }) => {
    const parts = places.map((own, index) => {
      const scaled = tf.mul(inputs[index] as tf.Tensor, inputs[places.length + index] as tf.Tensor);
      return tf.matMul(placement(own, size), byTap(scaled, own.length));
    });
    const outputs = inputs[0]?.shape.at(-1) as number;
    return tf.reshape(tf.addN(parts), [size, size, -1, outputs]);
  },
);

/** With D_b the part of the gradient at branch b's taps: dW_b = s_b D_b, ds_b = Σ D_b·W_b. */
const inputGradients = composed<readonly tf.Tensor[], SqueezedKernelAttributes>(
  KERNELS.squeezedKernelGradient,
  ([dy, ...inputs], { size, places }) => {
    const whole = byTap(dy as tf.Tensor, size ** 2);
    const parts = places.map((own, index) => {
      const [kernel, scale] = [inputs[index], inputs[places.length + index]] as [tf.Tensor, tf.Tensor1D];
      const D = tf.reshape(tf.matMul(placement(own, size), whole, true, false), kernel.shape);
      return { dkernel: tf.mul(D, scale), dscale: tf.sum(rowsOf(tf.mul(D, kernel)), 0) };
    });
    return [...parts.map(({ dkernel }) => dkernel), ...parts.map(({ dscale }) => dscale)];
  },
);

const gradient = differentiable<SqueezedKernelAttributes>({
  name: KERNELS.squeezedKernel,
  saveAllInputs: true,
  gradient: (dy, saved, attributes) => {
    const gradients = runKernel<tf.Tensor[]>(KERNELS.squeezedKernelGradient, [dy, ...saved], attributes);
    return Object.fromEntries(gradients.map((tensor, index) => [index, () => tensor]));
  },
});

export const kernelSqueezing = { kernels: [forward, inputGradients], gradients: [gradient] };
