import * as tf from '@tensorflow/tfjs-core';
import { type AffineSumAttributes, KERNELS } from '../kernels.js';
import { composed, runKernel } from '../registry.js';

/**
 * A multi-branch block's end at inference: act(Σ_b scales[b] · us[b] + shift) for us `[N,H,W,C]`, scales and shift `[C]`.
 * Has no gradient.
 * @throws Error if there is not one scale for each branch.
 */
export function affineSum(
  us: readonly tf.Tensor4D[],
  scales: readonly tf.Tensor1D[],
  shift: tf.Tensor1D,
  relu: boolean,
): tf.Tensor4D {
  const branches = us.length;
  if (branches < 1 || scales.length !== branches)
    throw new Error(
      `affineSum: expected one scale for each branch; found ${branches} branches, ${scales.length} scales`,
    );
  const attributes: AffineSumAttributes = { branches, relu };
  return runKernel<tf.Tensor4D>(KERNELS.affineSum, [...us, ...scales, shift], attributes);
}

const forward = composed<readonly tf.Tensor[], AffineSumAttributes>(KERNELS.affineSum, (inputs, { branches, relu }) => {
  let sum = inputs[2 * branches] as tf.Tensor;
  for (let branch = 0; branch < branches; branch++) {
    sum = tf.add(tf.mul(inputs[branch] as tf.Tensor, inputs[branches + branch] as tf.Tensor), sum);
  }
  return relu ? tf.relu(sum) : sum;
});

export const affineSums = { kernels: [forward], gradients: [] };
