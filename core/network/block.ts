import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap } from '../contracts/branch-op.js';
import type { FoldableBranch } from '../contracts/fuser.js';
import type { InferenceNorm, Kernel64 } from '../contracts/kernel.js';
import type { BlockNode } from '../contracts/network.js';
import { affineSum } from '../ops/index.js';
import type { Branch } from './branch.js';
import { EPSILON, inferenceAffine, inferenceNormalise } from './norm.js';
import type { ParameterStore } from './parameters.js';
import { branchScope, type Normalise, plainMap } from './scope.js';

/** y = act(Σ BN_b(branch_b(x))) with running statistics, branch by branch: what folding is checked against. */
export function inferBlock(
  node: BlockNode,
  branches: readonly Branch[],
  store: ParameterStore,
  x: tf.Tensor4D,
): tf.Tensor4D {
  const input = plainMap(x);
  const normalise = inferenceNormalise(store);
  const values: tf.Tensor4D[] = [];
  const scales: tf.Tensor1D[] = [];
  let shift: tf.Tensor1D = tf.zeros([node.outChannels]);
  for (const branch of branches) {
    const map = linear(branch, store, input, normalise);
    const [scale, offset] = inferenceAffine(store, branch, 'norm');
    values.push(map.value as tf.Tensor4D);
    scales.push(scale);
    shift = tf.add(shift, offset);
    if (map.constant) shift = tf.add(shift, tf.mul(map.constant() as tf.Tensor1D, scale));
  }
  return affineSum(values, scales, shift, node.activation === 'relu');
}

/** A branch's linear part: what lies before its closing batch-norm. */
export function linear(branch: Branch, store: ParameterStore, input: FeatureMap, normalise: Normalise): FeatureMap {
  const map = branch.op.forward(input, branchScope(branch, store, normalise));
  if (map.border > 0) throw new Error(`branch op ${branch.name} returns a map with a border; convolve or pool it away`);
  return map;
}

/** The branches as plain convolutions with the batch-norms behind them, in float64. */
export function foldable(branches: readonly Branch[], store: ParameterStore): FoldableBranch[] {
  return branches.map((branch) => {
    const weights = {
      kernel: (name: string): Kernel64 => readKernel(branch, store, name),
      norm: (name: string): InferenceNorm => inferenceNorm(branch, store, name),
    };
    return {
      name: branch.name,
      linear: branch.op.fold(weights, branch.block, branch.options),
      norm: inferenceNorm(branch, store, 'norm'),
    };
  });
}

function readKernel(branch: Branch, store: ParameterStore, name: string): Kernel64 {
  const { height, width, inputs, outputs } = branch.spec(name);
  const data = new Float64Array(height * width * inputs * outputs);
  tf.tidy(() => data.set(branch.kernel(store, name).dataSync()));
  return { shape: [height, width, inputs, outputs], data };
}

function inferenceNorm(branch: Branch, store: ParameterStore, norm: string): InferenceNorm {
  const names = branch.normNames(norm);
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
