import * as tf from '@tensorflow/tfjs-core';
import { branchNorm, branchNormGradients, gradients, reluGradient } from '../../engine/index.js';
import { linear } from '../network/block.js';
import type { Branch } from '../network/branch.js';
import {
  EPSILON,
  statisticsRecorder,
  noopRecorder,
  type StatisticsRecorder,
  pixels,
  trainingNormalise,
} from '../network/norm.js';
import { plainMap } from '../interpreters/images.js';
import type { BlockForward, BlockPass } from './block-pass.js';

/**
 * One branch at a time, and once more in the backward pass: of the block only its input and output are kept, and each branch's
 * moments, so that memory is that of the plain network and one branch, for about a third more time.
 */
export const recompute: BlockForward = (pass) => {
  const { branches, store, x, gates, node } = pass;
  const relu = node.activation === 'relu';
  const names = [...new Set(branches.flatMap((branch) => branch.trained()))];
  const block = tf.customGrad((...given) => {
    const save = given.pop() as unknown as tf.GradSaveFunc;
    const { y, moments } = forward(pass);
    const value = relu ? tf.relu(y) : y;
    if (relu) y.dispose();
    save([x, gates, ...moments, ...(relu ? [value] : [])]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedX, savedGates, ...rest] = saved as [tf.Tensor4D, tf.Tensor1D, ...tf.Tensor[]];
      const savedMoments = rest.slice(0, branches.length) as tf.Tensor2D[];
      let masked = dy as tf.Tensor4D;
      if (relu) {
        const savedY = rest.at(-1) as tf.Tensor;
        masked = reluGradient(savedY, dy) as tf.Tensor4D;
        // Nothing reads them any more: two maps fewer while the branches are computed.
        tf.dispose([dy, savedY]);
      }
      return backward({ ...pass, x: savedX, gates: savedGates }, names, savedMoments, masked);
    };
    tf.dispose(moments);
    return { value, gradFunc };
  });
  return block(x, gates, ...names.map((name) => store.get(name))) as tf.Tensor4D;
};

/** A branch's map before its closing batch-norm. */
function mapOf({ store, x, padStatistics }: BlockPass, branch: Branch, recorder: StatisticsRecorder) {
  return linear(branch, store, plainMap(x), trainingNormalise(store, padStatistics, recorder));
}

/** A branch's closing batch-norm, its gate included. */
function closing({ store, gates }: BlockPass, branch: Branch, index: number) {
  const { gamma, beta } = branch.normNames('norm');
  const parameter = (name: string) => store.get(name) as unknown as tf.Tensor1D;
  return [[parameter(gamma)], [parameter(beta)], tf.slice1d(gates, index, 1)] as const;
}

/** The branches' sum before the activation, and every closing batch-norm's moments. */
function forward(pass: BlockPass): { y: tf.Tensor4D; moments: tf.Tensor2D[] } {
  const { store, branches, node } = pass;
  const recorder = statisticsRecorder(store);
  const seen: tf.Tensor2D[] = [];
  let sum: tf.Tensor4D | undefined;
  for (const [index, branch] of branches.entries()) {
    const before = sum;
    const [through, moments] = tf.tidy(() => {
      const { value, constant } = mapOf(pass, branch, recorder);
      const options = { epsilon: EPSILON, relu: false };
      const { y, moments } = branchNorm([value as tf.Tensor4D], ...closing(pass, branch, index), options);
      const batch = { moments: moments[0] as tf.Tensor2D, count: pixels(y) };
      const own = constant as (() => tf.Tensor1D) | undefined;
      recorder.record(branch.normNames('norm').statistics, { ...batch, constant: own });
      recorder.apply();
      return [y, moments[0] as tf.Tensor2D] as [tf.Tensor4D, tf.Tensor2D];
    });
    seen.push(moments);
    sum = before ? tf.add(before, through) : through;
    if (before) tf.dispose([before, through]);
  }
  if (!sum) throw new Error(`block ${node.name} has no branch in this step`);
  return { y: sum, moments: seen };
}

/**
 * Gradients of x, the gates and the named parameters, in that order; zeros for the image itself, whose gradient is not watched.
 * The branches with most inside come first, while there is no sum of gradients yet beside them.
 */
function backward(
  pass: BlockPass,
  names: readonly string[],
  moments: readonly tf.Tensor2D[],
  dy: tf.Tensor4D,
): tf.Tensor[] {
  const { branches, store, x, gates, node } = pass;
  const parameters = names.map((name) => store.get(name));
  const watched = node.input === 'input' ? parameters : [x, ...parameters];
  const dgates: tf.Tensor[] = [];
  const totals = new Map<string, tf.Tensor>();
  const add = (name: string, more: tf.Tensor | undefined): void => {
    const before = totals.get(name);
    if (!more) return;
    totals.set(name, before ? tf.add(before, more) : more);
    if (before) tf.dispose([before, more]);
  };
  const inside = ({ kernels, norms }: Branch): number => kernels.size + norms.size;
  const order = [...branches.entries()].sort(([, a], [, b]) => inside(b) - inside(a));
  for (const [index, branch] of order) {
    const { gamma, beta } = branch.normNames('norm');
    let closed: tf.Tensor[] = [];
    const { gradients: found } = gradients(
      () => mapOf(pass, branch, noopRecorder).value as tf.Tensor4D,
      watched,
      (u) => {
        const through = closing(pass, branch, index);
        const own = branchNormGradients(dy, [u], ...through, [moments[index] as tf.Tensor2D], EPSILON);
        if (u !== x) u.dispose();
        closed = [...own.dgammas, ...own.dbetas, own.dgates].map((gradient) => tf.keep(gradient));
        return own.dus[0] as tf.Tensor;
      },
    );
    add(gamma, closed[0]);
    add(beta, closed[1]);
    dgates[index] = closed[2] as tf.Tensor;
    const aligned = node.input === 'input' ? [undefined, ...found] : found;
    for (const [at, name] of ['', ...names].entries()) add(name, aligned[at]);
  }
  const all = [tf.concat1d(dgates as tf.Tensor1D[]), ...names.map((name) => totals.get(name))];
  tf.dispose(dgates);
  return [
    totals.get('') ?? tf.zerosLike(x),
    ...all.map((total, at) => total ?? tf.zerosLike([gates, ...parameters][at] as tf.Tensor)),
  ];
}
