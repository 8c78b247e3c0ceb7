import type * as tf from '@tensorflow/tfjs-core';
import { branchNorm } from '../../ops/index.js';
import { linear } from '../block.js';
import { EPSILON, type Observe, pixels, trainingNormalise, updateStatistics } from '../norm.js';
import { type ConvolveInput, plainMap } from '../scope.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';

/** Every branch's own map, then all batch-norms, the sum and the activation in one operation that keeps those maps only. */
export const explicit: BlockEvaluation = (pass) => {
  const observe: Observe = (statistics, batch) => updateStatistics(pass.store, statistics, batch);
  return normalisedSum(pass, pass.node.activation === 'relu', observe);
};

/** The sum of the branches through their batch-norms; `convolve` may take over convolutions of the input. */
export function normalisedSum(pass: BlockPass, relu: boolean, observe: Observe, convolve?: ConvolveInput): tf.Tensor4D {
  const { branches, store, x, gates, padStatistics } = pass;
  const input = plainMap(x);
  const normalise = trainingNormalise(store, padStatistics, observe);
  const maps = branches.map((branch) => linear(branch, store, input, normalise, convolve));
  const names = branches.map((branch) => branch.normNames('norm'));
  const { y, moments } = branchNorm(
    maps.map(({ value }) => value as tf.Tensor4D),
    names.map(({ gamma }) => store.get(gamma) as unknown as tf.Tensor1D),
    names.map(({ beta }) => store.get(beta) as unknown as tf.Tensor1D),
    gates,
    { epsilon: EPSILON, relu },
  );
  for (const [index, { statistics }] of names.entries()) {
    const constant = maps[index]?.constant as (() => tf.Tensor1D) | undefined;
    observe(statistics, { moments: moments[index] as tf.Tensor2D, count: pixels(y), constant });
  }
  return y;
}
