import * as tf from '@tensorflow/tfjs-core';
import { rowsOf } from '../kernel-rows.js';
import { KERNELS, type KernelNormAttributes, type MomentWindow } from '../kernels.js';
import { composed, differentiable, runKernel } from '../registry.js';

/**
 * A training batch-norm on the kernel `[n·C, O]` of the map that it normalises, by the moments of the patches that the kernel sees
 * (`[M·C + F, C]`, put together as `window` says). Gives the scaled kernel, in the shape that it came in, and the map's moments
 * `[2, O]`. Differentiable in the patches' moments, the kernel and gamma `[O]`.
 */
export function kernelNorm(
  moments: tf.Tensor2D,
  kernel: tf.Tensor,
  gamma: tf.Tensor1D,
  attributes: KernelNormAttributes,
): { y: tf.Tensor; moments: tf.Tensor2D } {
  const [y, statistics] = runKernel<tf.Tensor[]>(KERNELS.kernelNorm, { moments, kernel, gamma }, attributes);
  return { y: y as tf.Tensor, moments: statistics as tf.Tensor2D };
}

/** Moments of a kernel's outputs: the mean patch `[n·C, 1]`, the product SW, mean and variance `[1, O]`. */
export function answers(
  moments: tf.Tensor2D,
  kernel: tf.Tensor2D,
  { taps, second, first }: MomentWindow,
): { patch: tf.Tensor2D; product: tf.Tensor2D; mean: tf.Tensor2D; variance: tf.Tensor2D } {
  const [rows, outputs] = kernel.shape;
  const { matrices, sums, channels } = parts(moments, second, first, taps);
  const whole = tf.slice2d(moments, [0, 0], [matrices * channels, channels]);
  const products = tf.reshape(whole, [matrices, channels ** 2]) as tf.Tensor2D;
  const pairs = tf.matMul(tf.tensor2d(second, [taps ** 2, matrices]), products);
  const s = tf.reshape(pairs, [taps, rows, channels]);
  const wide = tf.reshape(kernel, [1, rows, outputs]);
  const product = tf.reshape(tf.matMul(s, wide, true, false), [rows, outputs]) as tf.Tensor2D;
  const means = tf.slice2d(moments, [matrices * channels, 0], [sums, channels]);
  const patch = tf.reshape(tf.matMul(tf.tensor2d(first, [taps, sums]), means), [rows, 1]) as tf.Tensor2D;
  const mean = tf.matMul(patch, kernel, true, false) as tf.Tensor2D;
  // Rounding may leave slightly less than zero.
  const variance = tf.relu(tf.sub(tf.sum(tf.mul(kernel, product), 0, true), tf.square(mean))) as tf.Tensor2D;
  return { patch, product, mean, variance };
}

/** The parts of the moments that make up a window. */
function parts({ shape }: tf.Tensor2D, second: Float32Array, first: Float32Array, taps: number) {
  return { matrices: second.length / taps ** 2, sums: first.length / taps, channels: shape[1] };
}

/**
 * Gradients of a kernel's statistics: with dμ and dv of mean and variance `[1, O]`, dS = W·dv·Wᵀ, dm = W·dμ' and
 * dW = 2 dv·SW + m·dμ', where dμ' = dμ − 2μ dv. Where rounding left nothing of a variance, nothing flows into it.
 */
export function answersGradient(
  moments: tf.Tensor2D,
  kernel: tf.Tensor2D,
  window: MomentWindow,
  [product, mean, variance]: readonly [product: tf.Tensor2D, mean: tf.Tensor2D, variance: tf.Tensor2D],
  [dmean, dvariance]: readonly [dmean: tf.Tensor2D, dvariance: tf.Tensor2D],
): { dmoments: tf.Tensor2D; dkernel: tf.Tensor2D } {
  const { taps, second, first } = window;
  const [rows, outputs] = kernel.shape;
  const { matrices, sums, channels } = parts(moments, second, first, taps);
  const dv: tf.Tensor2D = tf.mul(dvariance, tf.step(variance));
  const dmu: tf.Tensor2D = tf.sub(dmean, tf.mul(tf.mul(mean, dv), 2));
  const scaled = tf.reshape(tf.mul(kernel, dv), [1, rows, outputs]);
  const ds = tf.matMul(scaled, tf.reshape(kernel, [taps, channels, outputs]), false, true);
  const pairs = tf.reshape(ds, [taps ** 2, channels ** 2]) as tf.Tensor2D;
  const dproducts = tf.matMul(tf.tensor2d(second, [taps ** 2, matrices]), pairs, true, false);
  const dpatch = tf.reshape(tf.sum(tf.mul(kernel, dmu), 1), [taps, channels]) as tf.Tensor2D;
  const dmeans = tf.matMul(tf.tensor2d(first, [taps, sums]), dpatch, true, false);
  const means = tf.slice2d(moments, [matrices * channels, 0], [sums, channels]);
  const patch = tf.reshape(tf.matMul(tf.tensor2d(first, [taps, sums]), means), [rows, 1]) as tf.Tensor2D;
  return {
    dmoments: tf.concat2d(
      [tf.reshape(dproducts, [matrices * channels, channels]) as tf.Tensor2D, dmeans as tf.Tensor2D],
      0,
    ),
    dkernel: tf.add(tf.mul(tf.mul(product, dv), 2), tf.matMul(patch, dmu)) as tf.Tensor2D,
  };
}

interface Inputs extends Record<string, tf.Tensor> {
  readonly moments: tf.Tensor2D;
  readonly kernel: tf.Tensor;
  readonly gamma: tf.Tensor1D;
}

const forward = composed<Inputs, KernelNormAttributes>(
  KERNELS.kernelNorm,
  ({ moments, kernel, gamma }, { window, epsilon }) => {
    const { product, mean, variance } = answers(moments, rowsOf(kernel), window);
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    return [tf.mul(kernel, scale), tf.concat2d([mean, variance], 0), product];
  },
);

interface GradientInputs extends Inputs {
  readonly dy: tf.Tensor;
  readonly statistics: tf.Tensor2D;
  readonly product: tf.Tensor2D;
}

/** With G = Σ dy·W over a kernel's rows and σ = √(v + ε): dW = dy·γ/σ and dv = −½ G γ/σ³, dγ = G/σ. */
const inputGradients = composed<GradientInputs, KernelNormAttributes>(
  KERNELS.kernelNormGradient,
  ({ dy: given, moments, kernel: whole, gamma, statistics, product }, { window, epsilon }) => {
    const [dy, kernel] = [rowsOf(given), rowsOf(whole)];
    const [mean, variance] = tf.split(statistics, 2, 0) as [tf.Tensor2D, tf.Tensor2D];
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const dgamma: tf.Tensor2D = tf.mul(tf.sum(tf.mul(dy, kernel), 0, true), inverse);
    const scale: tf.Tensor2D = tf.mul(gamma, inverse);
    const dvariance: tf.Tensor2D = tf.mul(tf.mul(dgamma, tf.mul(scale, inverse)), -0.5);
    const through = answersGradient(
      moments,
      kernel,
      window,
      [product, mean, variance],
      [tf.zerosLike(mean), dvariance],
    );
    const dkernel = tf.reshape(tf.add(tf.mul(dy, scale), through.dkernel), whole.shape);
    return [through.dmoments, dkernel, tf.reshape(dgamma, gamma.shape)];
  },
);

const gradient = differentiable<KernelNormAttributes>({
  name: KERNELS.kernelNorm,
  inputsToSave: ['moments', 'kernel', 'gamma'],
  outputsToSave: [false, true, true],
  gradient: (dy, saved, attributes) => {
    const [moments, kernel, gamma, statistics, product] = saved as tf.Tensor[];
    const inputs = { dy, moments, kernel, gamma, statistics, product } as Record<string, tf.Tensor>;
    const [dmoments, dkernel, dgamma] = runKernel<tf.Tensor[]>(KERNELS.kernelNormGradient, inputs, attributes);
    return {
      moments: () => dmoments as tf.Tensor,
      kernel: () => dkernel as tf.Tensor,
      gamma: () => dgamma as tf.Tensor,
    };
  },
});

export const kernelNormalisation = { kernels: [forward, inputGradients], gradients: [gradient] };
