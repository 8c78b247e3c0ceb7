import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap } from '../../contracts/branch-op.js';
import { branchNorm, moveStatistics, normConstant, scaleNorm, untracked } from '../../engine/index.js';
import type { Branch } from './branch.js';
import type { NormNames } from './norm-names.js';
import type { ParameterStore } from './parameters.js';
import { materialise, type Normalise, plainMap } from '../interpreters/images.js';

/** The defaults of torch.nn.BatchNorm2d, which the released code uses. */
export const EPSILON = 1e-5;
export const MOMENTUM = 0.1;

/**
 * What pads the inner batch-norms' borders while training: the answer to a zero input under this batch's statistics, which
 * keeps the block one linear convolution at every step, or under the running ones after this step's update and outside
 * the gradient, as the released code does.
 */
export type PadStatistics = 'batch' | 'running';

/** Statistics of one batch for a batch-norm. */
export interface BatchMoments {
  /** `[2, C]`: mean and biased variance. */
  readonly moments: tf.Tensor2D;
  /** Values over which they were taken. */
  readonly count: number;
  /** `[C]`, to be added to the mean: a constant that normalisation removes, so it was never added to the map. */
  readonly constant?: (() => tf.Tensor1D) | undefined;
}

/** Records the batch statistics of a forward pass and updates the running ones. */
export interface StatisticsRecorder {
  record(statistics: string, batch: BatchMoments): void;
  /** Updates the running statistics by what was recorded. Call it before the moments and constants are released. */
  apply(): void;
}

/** For a pass that is computed a second time. */
export const noopRecorder: StatisticsRecorder = { record: () => undefined, apply: () => undefined };

/** Makes a recorder that updates all recorded running statistics at once. */
export function statisticsRecorder(store: ParameterStore): StatisticsRecorder {
  const seen = new Map<string, BatchMoments>();
  return {
    record: (statistics, batch) => seen.set(statistics, batch),
    apply: () => {
      untracked(() =>
        tf.tidy(() => {
          const norms = [...seen].map(([statistics, { moments, count, constant }]) => ({
            running: store.get(statistics),
            moments,
            count,
            constant: constant?.(),
          }));
          moveStatistics(norms, MOMENTUM);
        }),
      );
      seen.clear();
    },
  };
}

/** Values over which a map's moments are taken. */
export const pixels = (map: tf.Tensor4D): number => map.shape[0] * map.shape[1] * map.shape[2];

/** γ/√(v + ε) and β − μγ/√(v + ε) from running statistics, `[C]` each. */
export function inferenceAffine(store: ParameterStore, names: NormNames): [tf.Tensor1D, tf.Tensor1D] {
  return affineOf(store.get(names.gamma), store.get(names.beta), store.get(names.statistics));
}

/** Returns a training batch-norm's answer to zero, from a batch's moments `[2, C]`. */
export const constantOf = (store: ParameterStore, { gamma, beta }: NormNames, moments: tf.Tensor2D): tf.Tensor1D => {
  const parameter = (name: string) => store.get(name) as unknown as tf.Tensor1D;
  return normConstant(parameter(gamma), parameter(beta), moments, EPSILON);
};

function affineOf(gamma: tf.Tensor, beta: tf.Tensor, statistics: tf.Tensor): [tf.Tensor1D, tf.Tensor1D] {
  const [mean, variance] = tf.unstack(statistics, 0) as [tf.Tensor1D, tf.Tensor1D];
  const scale: tf.Tensor1D = tf.mul(gamma, tf.rsqrt(tf.add(variance, EPSILON)));
  return [scale, tf.sub(beta, tf.mul(mean, scale))];
}

/** At inference, from the running statistics as they are. */
export const inferenceNormalise = (store: ParameterStore): Normalise =>
  inferenceNormaliseWith((branch, norm) => inferenceAffine(store, branch.normNames(norm)));

/** At inference: the map is scaled, its constant carried on. `affine` gives scale and shift of a norm, `[C]` each. */
export const inferenceNormaliseWith =
  (affine: (branch: Branch, norm: string) => readonly [tf.Tensor1D, tf.Tensor1D]): Normalise =>
  (branch, norm, given, border) => {
    const input = unbordered(given);
    const [scale, shift] = affine(branch, norm);
    const before = input.constant;
    return {
      value: tf.mul(input.value as tf.Tensor4D, scale),
      border,
      pending: border > 0,
      constant: () => (before ? tf.add(tf.mul(before() as tf.Tensor1D, scale), shift) : shift),
    };
  };

/** For branches without batch-norms: returns the map unchanged, with a border of zeros. */
export const noNormalise: Normalise = (_branch, _norm, given, border) => {
  if (border === 0) return given;
  return { ...unbordered(given), border, pending: true };
};

/**
 * While training, with the border that this batch's own statistics give: β − μγ/σ is then the same everywhere, so the
 * next batch-norm takes it off again and only the scaling is computed.
 */
export const batchNormalise =
  (store: ParameterStore, recorder: StatisticsRecorder): Normalise =>
  (branch, norm, given, border) => {
    const input = unbordered(given);
    const names = branch.normNames(norm);
    const gamma = store.get(names.gamma) as unknown as tf.Tensor1D;
    const { y, moments } = scaleNorm(input.value as tf.Tensor4D, gamma, EPSILON);
    const constant = input.constant as (() => tf.Tensor1D) | undefined;
    recorder.record(names.statistics, { moments, count: pixels(y), constant });
    return {
      value: y,
      border,
      pending: border > 0,
      constant: () => constantOf(store, names, moments),
    };
  };

/** While training, with the border that the running statistics give, after this step's update and outside the gradient. */
export const runningNormalise =
  (store: ParameterStore, recorder: StatisticsRecorder): Normalise =>
  (branch, norm, given, border) => {
    const input = materialise(given);
    const names = branch.normNames(norm);
    const [gamma, beta] = [store.get(names.gamma), store.get(names.beta)] as unknown as [tf.Tensor1D, tf.Tensor1D];
    const { y, moments } = branchNorm([input], [gamma], [beta], tf.ones([1]), { epsilon: EPSILON, relu: false });
    recorder.record(names.statistics, { moments: moments[0] as tf.Tensor2D, count: pixels(y) });
    if (border === 0) return plainMap(y);
    recorder.apply();
    const answer = stopGradient(affineOf(gamma, beta, store.get(names.statistics))[1]);
    const value = tf.add(materialise({ value: tf.sub(y, answer), border, pending: true }), answer);
    return { value, border, pending: false };
  };

/** The inner batch-norms of a training pass, as the config pads them. */
export const trainingNormalise = (
  store: ParameterStore,
  padStatistics: PadStatistics,
  recorder: StatisticsRecorder,
): Normalise => (padStatistics === 'batch' ? batchNormalise(store, recorder) : runningNormalise(store, recorder));

const unbordered = (map: FeatureMap): FeatureMap => (map.border === 0 ? map : plainMap(materialise(map)));

const stopGradient = tf.customGrad((x) => {
  const input = x as tf.Tensor;
  // Shaped like dy: the input may be released by then.
  return { value: tf.clone(input), gradFunc: (dy) => tf.zerosLike(dy) };
});
