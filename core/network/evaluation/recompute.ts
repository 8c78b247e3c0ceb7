import * as tf from '@tensorflow/tfjs-core';
import { gradients, reluGradient } from '../../ops/index.js';
import { updateStatistics } from '../norm.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';
import { normalisedSum } from './explicit.js';

/**
 * One branch at a time, and once more in the backward pass: of the block only its input and output are kept, so that memory is
 * that of the plain network and one branch, for about a third more time.
 */
export const recompute: BlockEvaluation = (pass) => {
  const { branches, store, x, gates, node } = pass;
  const names = [...new Set(branches.flatMap((branch) => branch.trained()))];
  const block = tf.customGrad((...given) => {
    const save = given.pop() as unknown as tf.GradSaveFunc;
    const y = tf.tidy(() => forward(pass));
    const value = node.activation === 'relu' ? tf.relu(y) : y;
    save([x, gates, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedX, savedGates, savedY] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor4D];
      const masked = node.activation === 'relu' ? reluGradient(savedY, dy) : dy;
      return backward({ ...pass, x: savedX, gates: savedGates }, names, masked);
    };
    return { value, gradFunc };
  });
  return block(x, gates, ...names.map((name) => store.get(name))) as tf.Tensor4D;
};

/** The pass of one of the block's branches, as a block of its own. */
const single = (pass: BlockPass, index: number): BlockPass => ({
  ...pass,
  branches: pass.branches.slice(index, index + 1),
  gates: tf.slice1d(pass.gates, index, 1),
});

function forward(pass: BlockPass): tf.Tensor4D {
  const { store, branches } = pass;
  let sum: tf.Tensor4D | undefined;
  for (const index of branches.keys()) {
    const before = sum;
    const own = tf.tidy(() =>
      normalisedSum(single(pass, index), false, (statistics, batch) => updateStatistics(store, statistics, batch)),
    );
    sum = before ? tf.add(before, own) : own;
    if (before) tf.dispose([before, own]);
  }
  if (!sum) throw new Error(`block ${pass.node.name} has no branch in this step`);
  return sum;
}

/** Gradients of x, the gates and the named parameters, in that order; zeros where the image itself is read, which nobody watches. */
function backward(pass: BlockPass, names: readonly string[], dy: tf.Tensor): tf.Tensor[] {
  const { branches, store, x, gates, node } = pass;
  const first = node.input === 'input';
  const watched = [x, gates, ...names.map((name) => store.get(name))];
  let totals: (tf.Tensor | undefined)[] = watched.map(() => undefined);
  for (const index of branches.keys()) {
    const { gradients: found } = gradients(
      () => normalisedSum(single(pass, index), false, () => undefined),
      first ? watched.slice(1) : watched,
      dy,
    );
    const aligned = first ? [undefined, ...found] : found;
    totals = totals.map((total, at) => sumOf(total, aligned[at]));
  }
  return totals.map((total, at) => total ?? tf.zerosLike(watched[at] as tf.Tensor));
}

function sumOf(a: tf.Tensor | undefined, b: tf.Tensor | undefined): tf.Tensor | undefined {
  if (!a || !b) return a ?? b;
  const sum: tf.Tensor = tf.add(a, b);
  tf.dispose([a, b]);
  return sum;
}
