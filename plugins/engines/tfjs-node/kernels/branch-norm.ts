import * as tf from '@tensorflow/tfjs-core';
import { type BranchNormAttributes, KERNELS, normedBranches } from '../../../../core/engine/index.js';
import { normalise, normaliseGradient, pixelsOf } from './fused-batch-norm.js';
import { kernel } from './register.js';
import { passed } from './relu-gradient.js';

/** Of one pixel alone there is no unbiased variance, which is what TensorFlow tells. */
const hasVariance = (u: tf.Tensor4D): boolean => pixelsOf(u.shape) > 1;

/** Each branch's vector `[C]` times its gate, in as few operations as can be: on vectors they cost more than the numbers. */
function gated(vectors: readonly tf.Tensor1D[], gates: tf.Tensor1D): tf.Tensor1D[] {
  const [only] = vectors;
  if (vectors.length === 1) return [tf.mul(only as tf.Tensor1D, gates)];
  return tf.unstack(tf.mul(tf.stack([...vectors]), tf.reshape(gates, [vectors.length, 1]))) as tf.Tensor1D[];
}

const forward = kernel<object, BranchNormAttributes>(
  KERNELS.branchNorm,
  (inputs, { branches, epsilon, relu }, backend) => {
    const { us, gammas, betas, gates } = normedBranches(Object.values(inputs), branches);
    if (!hasVariance(us[0] as tf.Tensor4D)) return undefined;
    const [scales, offsets] = [gated(gammas, gates), gated(betas, gates)];
    const normalised = us.map((u, index) =>
      normalise(backend, u, scales[index] as tf.Tensor1D, offsets[index] as tf.Tensor1D, epsilon),
    );
    const ys = normalised.map(({ y }) => y);
    const y = branches === 1 ? (ys[0] as tf.Tensor4D) : tf.addN(ys);
    return [relu ? tf.relu(y) : y, ...normalised.map(({ mean, variance }) => tf.stack([mean, variance]))];
  },
);

/** The formulas stand with the composed form; TensorFlow's gradients of scale and offset are its G and d. */
const inputGradients = kernel<object, BranchNormAttributes>(
  KERNELS.branchNormGradient,
  (inputs, { branches, epsilon, relu }, backend) => {
    const [dy, y, ...rest] = Object.values(inputs) as [tf.Tensor4D, tf.Tensor4D, ...tf.Tensor[]];
    if (!hasVariance(dy)) return undefined;
    const { us, gammas, betas, gates } = normedBranches(rest, branches);
    const moments = rest.slice(3 * branches + 1) as tf.Tensor2D[];
    const g = relu ? (passed(backend, y, dy) as tf.Tensor4D) : dy;
    const scales = gated(gammas, gates);
    const parts = us.map((u, index) => {
      const statistics = tf.unstack(moments[index] as tf.Tensor2D) as [tf.Tensor1D, tf.Tensor1D];
      return normaliseGradient(backend, g, u, scales[index] as tf.Tensor1D, statistics, epsilon);
    });
    const products = parts.map(({ dscale }) => dscale);
    const sums = parts.map(({ doffset }) => doffset);
    const shares = tf.add(tf.mul(tf.stack(gammas), tf.stack(products)), tf.mul(tf.stack(betas), tf.stack(sums)));
    return [...parts.map(({ du }) => du), ...gated(products, gates), ...gated(sums, gates), tf.sum(shares, 1)];
  },
);

export const branchNorms = [forward, inputGradients];
