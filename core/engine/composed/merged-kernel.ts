import * as tf from '@tensorflow/tfjs-core';
import { answers, answersGradient } from './kernel-norm.js';
import { rowsOf } from '../kernel-rows.js';
import { KERNELS, type MergedKernelAttributes } from '../kernels.js';
import { placement } from './placement.js';
import { composed, differentiable, runKernel } from '../registry.js';

/** TensorFlow.js has to know in advance how many outputs may be kept for the backward pass. */
const MOST_BRANCHES = 64;

/** One branch: its kernel `[n·C, O]` or `[KH,KW,C,O]`, and its closing batch-norm, `[O]` each. */
export interface MergedBranch {
  readonly kernel: tf.Tensor;
  readonly gamma: tf.Tensor1D;
  readonly beta: tf.Tensor1D;
}

/**
 * The one convolution that branches with their training batch-norms and gates `[B]` are on this batch, from the moments of its
 * patches: kernel `[K, K, C, O]` and shift `[O]`, and every branch's moments `[2, O]`. Differentiable in the patches' moments, the
 * gates, the kernels, gammas and betas.
 * @throws Error if gates, windows or places are not one for each branch.
 */
export function mergedKernel(
  patches: tf.Tensor2D,
  gates: tf.Tensor1D,
  branches: readonly MergedBranch[],
  attributes: MergedKernelAttributes,
): { kernel: tf.Tensor4D; shift: tf.Tensor1D; moments: tf.Tensor2D[] } {
  const count = branches.length;
  const { windows, places } = attributes;
  if (count < 1 || count > MOST_BRANCHES || [gates.size, windows.length, places.length].some((n) => n !== count))
    throw new Error(
      `mergedKernel: expected a gate, a window and places for each of 1 to ${MOST_BRANCHES} branches; ` +
        `found ${count} branches, ${gates.size} gates, ${windows.length} windows, ${places.length} places`,
    );
  const inputs = [
    patches,
    gates,
    ...branches.map(({ kernel }) => kernel),
    ...branches.map(({ gamma }) => gamma),
    ...branches.map(({ beta }) => beta),
  ];
  const [kernel, shift, ...rest] = runKernel<tf.Tensor[]>(KERNELS.mergedKernel, inputs, attributes);
  return {
    kernel: kernel as tf.Tensor4D,
    shift: shift as tf.Tensor1D,
    moments: rest.slice(0, count) as tf.Tensor2D[],
  };
}

interface Named {
  readonly patches: tf.Tensor2D;
  readonly gates: tf.Tensor1D;
  readonly kernels: readonly tf.Tensor[];
  readonly gammas: readonly tf.Tensor1D[];
  readonly betas: readonly tf.Tensor1D[];
}

function named([patches, gates, ...rest]: readonly tf.Tensor[], branches: number): Named {
  const part = (index: number) => rest.slice(index * branches, (index + 1) * branches);
  return {
    patches: patches as tf.Tensor2D,
    gates: gates as tf.Tensor1D,
    kernels: part(0),
    gammas: part(1) as tf.Tensor1D[],
    betas: part(2) as tf.Tensor1D[],
  };
}

const forward = composed<readonly tf.Tensor[], MergedKernelAttributes>(
  KERNELS.mergedKernel,
  (inputs, { size, epsilon, windows, places }) => {
    const { patches, gates, kernels, gammas, betas } = named(inputs, windows.length);
    const channels = patches.shape[1];
    const parts = kernels.map(rowsOf).map((kernel, index) => {
      const window = windows[index] as MergedKernelAttributes['windows'][number];
      const { product, mean, variance } = answers(patches, kernel, window);
      const gate = tf.slice1d(gates, index, 1);
      const a = tf.mul(tf.mul(gammas[index] as tf.Tensor, gate), tf.rsqrt(tf.add(variance, epsilon)));
      const scaled = tf.reshape(tf.mul(kernel, a), [window.taps, -1]) as tf.Tensor2D;
      const placed = tf.matMul(placement(places[index] ?? [], size), scaled);
      return {
        placed: tf.reshape(placed, [size, size, channels, -1]),
        shift: tf.sub(tf.mul(betas[index] as tf.Tensor, gate), tf.mul(a, mean)) as tf.Tensor2D,
        moments: tf.concat2d([mean, variance], 0),
        product,
      };
    });
    const shift = tf.addN(parts.map((part) => part.shift));
    return [
      tf.addN(parts.map(({ placed }) => placed)),
      tf.reshape(shift, [-1]),
      ...parts.map(({ moments }) => moments),
      ...parts.map(({ product }) => product),
    ];
  },
);

/**
 * With D the gradient of the kernel, D_b its taps where branch b lies, d that of the shift, σ_b = √(v_b + ε):
 * da_b = Σ D_b·W_b − μ_b d, dγ_b = z_b da_b/σ_b, dβ_b = z_b d, dz_b = Σ_o (γ_b da_b/σ_b + β_b d), dv_b = −½ da_b a_b/σ_b²,
 * dμ_b = −a_b d, and dW_b = a_b D_b and what flows through the statistics.
 */
const inputGradients = composed<readonly tf.Tensor[], MergedKernelAttributes>(
  KERNELS.mergedKernelGradient,
  ([dy, dshift, ...rest], { size, epsilon, windows, places }) => {
    const branches = windows.length;
    const { patches, gates, kernels, gammas, betas } = named(rest, branches);
    const saved = rest.slice(2 + 3 * branches) as tf.Tensor2D[];
    const dkernel = tf.reshape(dy as tf.Tensor, [size ** 2, -1]) as tf.Tensor2D;
    const d = tf.reshape(dshift as tf.Tensor, [1, -1]);
    const parts = kernels.map((whole, index) => {
      const kernel = rowsOf(whole);
      const window = windows[index] as MergedKernelAttributes['windows'][number];
      const [mean, variance] = tf.split(saved[index] as tf.Tensor, 2, 0) as [tf.Tensor2D, tf.Tensor2D];
      const product = saved[branches + index] as tf.Tensor2D;
      const [gamma, beta] = [gammas[index] as tf.Tensor1D, betas[index] as tf.Tensor1D];
      const gate = tf.slice1d(gates, index, 1);
      const own = tf.matMul(placement(places[index] ?? [], size), dkernel, true, false);
      const D = tf.reshape(own, kernel.shape);
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const a: tf.Tensor2D = tf.mul(tf.mul(gamma, gate), inverse);
      const pulled: tf.Tensor2D = tf.mul(tf.sub(tf.sum(tf.mul(kernel, D), 0, true), tf.mul(mean, d)), inverse);
      const dvariance: tf.Tensor2D = tf.mul(tf.mul(pulled, tf.mul(a, inverse)), -0.5);
      const dmean: tf.Tensor2D = tf.neg(tf.mul(a, d));
      const through = answersGradient(patches, kernel, window, [product, mean, variance], [dmean, dvariance]);
      return {
        dmoments: through.dmoments,
        dkernel: tf.reshape(tf.add(tf.mul(D, a), through.dkernel), whole.shape),
        dgamma: tf.reshape(tf.mul(pulled, gate), gamma.shape),
        dbeta: tf.reshape(tf.mul(d, gate), beta.shape),
        dgate: tf.sum(tf.add(tf.mul(pulled, gamma), tf.mul(d, beta))),
      };
    });
    return [
      tf.addN(parts.map(({ dmoments }) => dmoments)),
      tf.stack(parts.map(({ dgate }) => dgate)),
      ...parts.map((part) => part.dkernel),
      ...parts.map(({ dgamma }) => dgamma),
      ...parts.map(({ dbeta }) => dbeta),
    ];
  },
);

const gradient = differentiable<MergedKernelAttributes>({
  name: KERNELS.mergedKernel,
  saveAllInputs: true,
  outputsToSave: [false, false, ...new Array<boolean>(2 * MOST_BRANCHES).fill(true)],
  carrying: 2,
  gradient: (dkernel, saved, attributes, [dshift]) => {
    const inputs = [dkernel, dshift as tf.Tensor, ...saved];
    const gradients = runKernel<tf.Tensor[]>(KERNELS.mergedKernelGradient, inputs, attributes);
    return Object.fromEntries(gradients.map((tensor, index) => [index, () => tensor]));
  },
});

export const kernelMerging = { kernels: [forward, inputGradients], gradients: [gradient] };
