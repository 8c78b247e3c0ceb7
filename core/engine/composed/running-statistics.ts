import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type RunningStatisticsAttributes } from '../kernels.js';
import { composed, runReplacing } from '../registry.js';

/** One more batch for the running statistics of a batch-norm. */
export interface RunningStatistics {
  /** `[2,C]`: mean and variance. */
  readonly running: tf.Variable;
  /** `[2,C]`: mean and biased variance of the batch. */
  readonly moments: tf.Tensor2D;
  /** Number of values behind the moments. */
  readonly count: number;
  /** `[C]`, added to the batch's mean. */
  readonly constant?: tf.Tensor1D | undefined;
}

/** Moves running statistics as PyTorch does: the batch's variance is unbiased. Has no gradient. */
export function moveStatistics(norms: readonly RunningStatistics[], momentum: number): void {
  if (norms.length === 0) return;
  const attributes: RunningStatisticsAttributes = {
    momentum,
    counts: norms.map(({ count }) => count),
    shifted: [...norms.keys()].filter((index) => norms[index]?.constant),
  };
  const running = norms.map((norm) => norm.running);
  const constants = norms.flatMap(({ constant }) => (constant ? [constant] : []));
  const inputs = [...running, ...norms.map(({ moments }) => moments), ...constants];
  runReplacing(KERNELS.runningStatistics, inputs, attributes, running);
}

const forward = composed<readonly tf.Tensor[], RunningStatisticsAttributes>(
  KERNELS.runningStatistics,
  (inputs, { momentum, counts, shifted }) =>
    counts.map((count, index) => {
      const [running, moments] = [inputs[index], inputs[counts.length + index]] as [tf.Tensor2D, tf.Tensor2D];
      const at = shifted.indexOf(index);
      const [mean, variance] = tf.unstack(moments) as [tf.Tensor1D, tf.Tensor1D];
      const moved = at < 0 ? mean : tf.add(mean, inputs[2 * counts.length + at] as tf.Tensor);
      const batch = tf.stack([moved, tf.mul(variance, count / Math.max(1, count - 1))]);
      return tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum));
    }),
);

export const runningStatisticsUpdates = { kernels: [forward], gradients: [] };
