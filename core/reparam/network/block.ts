import * as tf from '@tensorflow/tfjs-core';
import type { BranchWeights, FeatureMap } from '../../contracts/branch-op.js';
import type { FoldableBranch } from '../../contracts/fuser.js';
import type { FoldedConvolution, InferenceNorm, Kernel64 } from '../../contracts/kernel.js';
import { foldNorm } from '../fold/index.js';
import type { BlockNode } from '../../contracts/network.js';
import { affineSum } from '../../engine/index.js';
import type { Branch } from './branch.js';
import { EPSILON, inferenceAffine, inferenceNormalise, noNormalise } from './norm.js';
import type { NormNames } from './norm-names.js';
import type { ParameterStore } from './parameters.js';
import { branchScope, type ConvolveInput, type Normalise, plainMap } from '../interpreters/images.js';

/**
 * y = act(Σ BN_b(branch_b(x))), or y = act(BN(Σ s_b · branch_b(x))) where one batch-norm stands behind the sum, with running
 * statistics, branch by branch: the reference that folding is checked against.
 */
export function inferBlock(
  node: BlockNode,
  branches: readonly Branch[],
  store: ParameterStore,
  x: tf.Tensor4D,
  sumNorm?: NormNames,
): tf.Tensor4D {
  const input = plainMap(x);
  const normalise = sumNorm ? noNormalise : inferenceNormalise(store);
  const behind = sumNorm && inferenceAffine(store, sumNorm);
  const values: tf.Tensor4D[] = [];
  const scales: tf.Tensor1D[] = [];
  let shift: tf.Tensor1D = behind ? behind[1] : tf.zeros([node.outChannels]);
  for (const branch of branches) {
    const map = linear(branch, store, input, normalise);
    const [scale, offset] = behind
      ? [tf.mul(store.get(branch.scale), behind[0]) as tf.Tensor1D, undefined]
      : inferenceAffine(store, branch.normNames('norm'));
    values.push(map.value as tf.Tensor4D);
    scales.push(scale);
    if (offset) shift = tf.add(shift, offset);
    if (map.constant) shift = tf.add(shift, tf.mul(map.constant() as tf.Tensor1D, scale));
  }
  return affineSum(values, scales, shift, node.activation === 'relu');
}

/** Runs a branch up to its closing batch-norm. */
export function linear(
  branch: Branch,
  store: ParameterStore,
  input: FeatureMap,
  normalise: Normalise,
  convolve?: ConvolveInput,
): FeatureMap {
  const scope = branchScope(branch, (kernel) => branch.kernel(store, kernel), normalise, {
    source: convolve && { input, convolve },
  });
  const map = branch.op.forward(input, scope);
  if (map.border > 0) throw new Error(`branch op ${branch.name} returns a map with a border; convolve or pool it away`);
  return map;
}

/** Folds the branches' linear parts, in float64; returns each with its closing batch-norm. */
export function foldable(branches: readonly Branch[], store: ParameterStore): FoldableBranch[] {
  return branches.map((branch) => {
    const linear = branch.op.fold(branchWeights(branch, store), branch.block, branch.options);
    const gamma = Float64Array.from(store.read(branch.scale));
    return { name: branch.name, linear, norm: { ...normOf(branch, store, 'norm', branch.block.outChannels), gamma } };
  });
}

/** Reads a branch's current kernels and batch-norms, in float64. */
export const branchWeights = (branch: Branch, store: ParameterStore): BranchWeights => ({
  kernel: (name) => readKernel(branch, store, name),
  norm: (name) => normOf(branch, store, name, name === 'norm' ? branch.block.outChannels : branch.innerChannels(name)),
});

const normOf = (branch: Branch, store: ParameterStore, name: string, channels: number): InferenceNorm =>
  branch.norms.has(name) ? inferenceNorm(store, branch.normNames(name)) : untouched(channels);

/** Folds a batch-norm behind the sum into the folded block. */
export const foldBehind = (
  folded: FoldedConvolution,
  store: ParameterStore,
  sumNorm: NormNames | undefined,
): FoldedConvolution => (sumNorm ? foldNorm(folded, inferenceNorm(store, sumNorm)) : folded);

function readKernel(branch: Branch, store: ParameterStore, name: string): Kernel64 {
  const { height, width, inputs, outputs } = branch.spec(name);
  const data = new Float64Array(height * width * inputs * outputs);
  tf.tidy(() => data.set(branch.kernel(store, name).dataSync()));
  return { shape: [height, width, inputs, outputs], data };
}

function inferenceNorm(store: ParameterStore, names: NormNames): InferenceNorm {
  const statistics = Float64Array.from(store.read(names.statistics));
  const channels = statistics.length / 2;
  return {
    gamma: Float64Array.from(store.read(names.gamma)),
    beta: Float64Array.from(store.read(names.beta)),
    mean: statistics.slice(0, channels),
    variance: statistics.slice(channels),
    epsilon: EPSILON,
  };
}

/** The batch-norm that changes nothing. */
const untouched = (channels: number): InferenceNorm => ({
  gamma: new Float64Array(channels).fill(1),
  beta: new Float64Array(channels),
  mean: new Float64Array(channels),
  variance: new Float64Array(channels).fill(1),
  epsilon: 0,
});
