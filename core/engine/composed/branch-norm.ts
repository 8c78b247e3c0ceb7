import * as tf from '@tensorflow/tfjs-core';
import { type BranchNormAttributes, KERNELS } from '../kernels.js';
import { channelMoments, channelSum } from './moments.js';
import { composed, differentiable, runKernel } from '../registry.js';

/** TensorFlow.js has to know in advance how many outputs may be kept for the backward pass. */
const MOST_BRANCHES = 64;

/**
 * The end of a multi-branch block as one operation: each branch `us[b]` `[N,H,W,C]` through its own training batch-norm
 * (`gammas[b]`, `betas[b]` `[C]`), times its gate (`gates` `[B]`), summed, and the activation. Several `us` may be one
 * tensor. Gives y `[N,H,W,C]` and for every branch the moments `[2,C]`: mean and biased variance of the batch.
 * Differentiable in all inputs, not through the moments. Keeps the branches, y and the moments for the backward pass.
 * @throws Error if there is not one gamma, beta and gate for each branch.
 */
export function branchNorm(
  us: readonly tf.Tensor4D[],
  gammas: readonly tf.Tensor1D[],
  betas: readonly tf.Tensor1D[],
  gates: tf.Tensor1D,
  options: { readonly epsilon: number; readonly relu: boolean },
): { y: tf.Tensor4D; moments: tf.Tensor2D[] } {
  const branches = us.length;
  if (branches < 1 || branches > MOST_BRANCHES || [gammas.length, betas.length, gates.size].some((n) => n !== branches))
    throw new Error(
      `branchNorm: expected as many gammas, betas and gates as branches (1 to ${MOST_BRANCHES}); ` +
        `found ${branches} branches, ${gammas.length} gammas, ${betas.length} betas, ${gates.size} gates`,
    );
  const attributes: BranchNormAttributes = { branches, epsilon: options.epsilon, relu: options.relu };
  const [y, ...moments] = runKernel<tf.Tensor[]>(KERNELS.branchNorm, [...us, ...gammas, ...betas, gates], attributes);
  return { y: y as tf.Tensor4D, moments: moments as tf.Tensor2D[] };
}

/**
 * The gradients of {@link branchNorm} without its output, for maps `us` that were computed again: of the maps, gammas, betas
 * and gates `[B]`, given dy `[N,H,W,C]` as it is before the activation, and the moments that it gave.
 */
export function branchNormGradients(
  dy: tf.Tensor4D,
  us: readonly tf.Tensor4D[],
  gammas: readonly tf.Tensor1D[],
  betas: readonly tf.Tensor1D[],
  gates: tf.Tensor1D,
  moments: readonly tf.Tensor2D[],
  epsilon: number,
): { dus: tf.Tensor[]; dgammas: tf.Tensor[]; dbetas: tf.Tensor[]; dgates: tf.Tensor } {
  const branches = us.length;
  const attributes: BranchNormAttributes = { branches, epsilon, relu: false };
  // Without an activation the output is not read; dy stands in for it.
  const inputs = [dy, dy, ...us, ...gammas, ...betas, gates, ...moments];
  const all = runKernel<tf.Tensor[]>(KERNELS.branchNormGradient, inputs, attributes);
  const part = (index: number) => all.slice(index * branches, (index + 1) * branches);
  return { dus: part(0), dgammas: part(1), dbetas: part(2), dgates: all[3 * branches] as tf.Tensor };
}

/** The inputs of `RepnasBranchNorm`, branch by branch. */
export interface NormedBranches {
  readonly us: tf.Tensor4D[];
  readonly gammas: tf.Tensor1D[];
  readonly betas: tf.Tensor1D[];
  readonly gates: tf.Tensor1D;
}

/** Sorts the inputs of `RepnasBranchNorm`, or those of its gradient after dy and y, by role. */
export function normedBranches(inputs: readonly tf.Tensor[], branches: number): NormedBranches {
  const part = (index: number) => inputs.slice(index * branches, (index + 1) * branches);
  return {
    us: part(0) as tf.Tensor4D[],
    gammas: part(1) as tf.Tensor1D[],
    betas: part(2) as tf.Tensor1D[],
    gates: inputs[3 * branches] as tf.Tensor1D,
  };
}

const forward = composed<readonly tf.Tensor[], BranchNormAttributes>(
  KERNELS.branchNorm,
  (inputs, { branches, epsilon, relu }) => {
    const { us, gammas, betas, gates } = normedBranches(inputs, branches);
    const moments: tf.Tensor2D[] = [];
    let y: tf.Tensor4D | undefined;
    for (const [index, u] of us.entries()) {
      const { mean, variance } = channelMoments(u);
      const gate = tf.slice1d(gates, index, 1);
      const scale: tf.Tensor1D = tf.mul(tf.mul(gammas[index] as tf.Tensor, gate), tf.rsqrt(tf.add(variance, epsilon)));
      const shift = tf.sub(tf.mul(betas[index] as tf.Tensor, gate), tf.mul(mean, scale));
      const normalised: tf.Tensor4D = tf.add(tf.mul(u, scale), shift);
      y = y ? tf.add(y, normalised) : normalised;
      moments.push(tf.stack([mean, variance]) as tf.Tensor2D);
    }
    return [relu ? tf.relu(y as tf.Tensor4D) : (y as tf.Tensor4D), ...moments];
  },
);

/**
 * With g = dy where the activation let it pass, û_b = (u_b − μ_b)/σ_b, d = Σ g and G_b = Σ g·û_b over N, H, W:
 * du_b = z_b γ_b/σ_b · (g − d/M − û_b G_b/M), dγ_b = z_b G_b, dβ_b = z_b d, dz_b = Σ_c (γ_b G_b + β_b d).
 */
const inputGradients = composed<readonly tf.Tensor[], BranchNormAttributes>(
  KERNELS.branchNormGradient,
  ([dy, y, ...rest], { branches, epsilon, relu }) => {
    const { us, gammas, betas, gates } = normedBranches(rest, branches);
    const moments = rest.slice(3 * branches + 1) as tf.Tensor2D[];
    const g = (relu ? tf.mul(dy as tf.Tensor, tf.step(y as tf.Tensor)) : dy) as tf.Tensor4D;
    const count = g.size / g.shape[3];
    const d = channelSum(g);
    const parts = us.map((u, index) => {
      const [gamma, beta] = [gammas[index] as tf.Tensor1D, betas[index] as tf.Tensor1D];
      const gate = tf.slice1d(gates, index, 1);
      const [mean, variance] = tf.unstack(moments[index] as tf.Tensor2D) as [tf.Tensor1D, tf.Tensor1D];
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const normalised: tf.Tensor4D = tf.mul(tf.sub(u, mean), inverse);
      const G = channelSum(tf.mul(g, normalised));
      const centred = tf.sub(tf.sub(g, tf.div(d, count)), tf.mul(normalised, tf.div(G, count)));
      return {
        du: tf.mul(centred, tf.mul(tf.mul(gamma, gate), inverse)),
        dgamma: tf.mul(G, gate),
        dbeta: tf.mul(d, gate),
        dgate: tf.sum(tf.add(tf.mul(gamma, G), tf.mul(beta, d))),
      };
    });
    return [
      ...parts.map(({ du }) => du),
      ...parts.map(({ dgamma }) => dgamma),
      ...parts.map(({ dbeta }) => dbeta),
      tf.stack(parts.map(({ dgate }) => dgate)),
    ];
  },
);

const gradient = differentiable<BranchNormAttributes>({
  name: KERNELS.branchNorm,
  saveAllInputs: true,
  outputsToSave: new Array<boolean>(1 + MOST_BRANCHES).fill(true),
  gradient: (dy, saved, attributes) => {
    const inputs = 3 * attributes.branches + 1;
    const [y, ...moments] = saved.slice(inputs) as [tf.Tensor, ...tf.Tensor[]];
    // All at once, in the tape's own scope, which disposes what is not wanted: they share their reductions.
    const gradients = runKernel<tf.Tensor[]>(
      KERNELS.branchNormGradient,
      [dy, y, ...saved.slice(0, inputs), ...moments],
      attributes,
    );
    return Object.fromEntries(gradients.map((tensor, index) => [index, () => tensor]));
  },
});

export const branchNormalisation = { kernels: [forward, inputGradients], gradients: [gradient] };
