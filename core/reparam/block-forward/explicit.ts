import type * as tf from '@tensorflow/tfjs-core';
import { branchNorm } from '../../engine/index.js';
import { linear } from '../network/block.js';
import { EPSILON, statisticsRecorder, pixels, trainingNormalise } from '../network/norm.js';
import { type ConvolveInput, plainMap } from '../interpreters/images.js';
import type { BlockForward, BlockPass } from './block-pass.js';

/** Computes every branch's map, then all batch-norms, the sum and the activation in one operation that keeps only those maps. */
export const explicit: BlockForward = (pass) => normalisedSum(pass);

/** Computes the activation of the sum of the branches after their batch-norms. `convolve` may take over convolutions of the input. */
export function normalisedSum(pass: BlockPass, convolve?: ConvolveInput): tf.Tensor4D {
  const { node, branches, store, x, gates, padStatistics } = pass;
  const recorder = statisticsRecorder(store);
  const input = plainMap(x);
  const normalise = trainingNormalise(store, padStatistics, recorder);
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
    recorder.record(statistics, { moments: moments[index] as tf.Tensor2D, count: pixels(y), constant });
  }
  recorder.apply();
  return y;
}
