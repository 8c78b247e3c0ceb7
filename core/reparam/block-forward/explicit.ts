import type * as tf from '@tensorflow/tfjs-core';
import { branchNorm } from '../../engine/index.js';
import { linear } from '../network/block.js';
import { EPSILON, movingStatistics, pixels, trainingNormalise } from '../network/norm.js';
import { type ConvolveInput, plainMap } from '../interpreters/images.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';

/** Every branch's own map, then all batch-norms, the sum and the activation in one operation that keeps those maps only. */
export const explicit: BlockEvaluation = (pass) => normalisedSum(pass);

/** The sum of the branches through their batch-norms, and the activation; `convolve` may take over convolutions of the input. */
export function normalisedSum(pass: BlockPass, convolve?: ConvolveInput): tf.Tensor4D {
  const { node, branches, store, x, gates, padStatistics } = pass;
  const observer = movingStatistics(store);
  const input = plainMap(x);
  const normalise = trainingNormalise(store, padStatistics, observer);
  const maps = branches.map((branch) => linear(branch, store, input, normalise, convolve));
  const names = branches.map((branch) => branch.normNames('norm'));
  const { y, moments } = branchNorm(
    maps.map(({ value }) => value as tf.Tensor4D),
    names.map(({ gamma }) => store.get(gamma) as unknown as tf.Tensor1D),
    names.map(({ beta }) => store.get(beta) as unknown as tf.Tensor1D),
    gates,
    { epsilon: EPSILON, relu: node.activation === 'relu' },
  );
  for (const [index, { statistics }] of names.entries()) {
    const constant = maps[index]?.constant as (() => tf.Tensor1D) | undefined;
    observer.see(statistics, { moments: moments[index] as tf.Tensor2D, count: pixels(y), constant });
  }
  observer.settle();
  return y;
}
