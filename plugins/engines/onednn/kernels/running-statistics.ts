import type * as tf from '@tensorflow/tfjs-core';
import {
  KERNELS,
  type NormConstantAttributes,
  type RunningStatisticsAttributes,
} from '../../../../core/ops/kernels.js';
import { kernel } from './register.js';
import { expectShape } from './shapes.js';

interface StatisticsInputs {
  readonly running: tf.TensorInfo;
  readonly moments: tf.TensorInfo;
  readonly constant?: tf.TensorInfo;
}

const runningStatistics = kernel<StatisticsInputs, RunningStatisticsAttributes>(
  KERNELS.runningStatistics,
  (backend, { running, moments, constant }, { momentum, count }) => {
    const name = KERNELS.runningStatistics;
    const channels = running.shape[1] ?? 0;
    expectShape(name, 'running', running.shape, [2, channels]);
    expectShape(name, 'moments', moments.shape, [2, channels]);
    if (constant) expectShape(name, 'constant', constant.shape, [channels]);
    const [before, batch] = [backend.floats(running, name, 'running'), backend.floats(moments, name, 'moments')];
    const added = constant && backend.floats(constant, name, 'constant');
    const y = backend.output([2, channels]);
    const unbias = count / Math.max(1, count - 1);
    for (let channel = 0; channel < channels; channel++) {
      const mean = (batch[channel] as number) + (added?.[channel] ?? 0);
      const variance = (batch[channels + channel] as number) * unbias;
      y.values[channel] = (1 - momentum) * (before[channel] as number) + momentum * mean;
      y.values[channels + channel] = (1 - momentum) * (before[channels + channel] as number) + momentum * variance;
    }
    return y.info;
  },
);

const normConstant = kernel<
  { gamma: tf.TensorInfo; beta: tf.TensorInfo; moments: tf.TensorInfo },
  NormConstantAttributes
>(KERNELS.normConstant, (backend, inputs, { epsilon }) => {
  const name = KERNELS.normConstant;
  const channels = inputs.gamma.shape[0] ?? 0;
  expectShape(name, 'gamma', inputs.gamma.shape, [channels]);
  expectShape(name, 'beta', inputs.beta.shape, [channels]);
  expectShape(name, 'moments', inputs.moments.shape, [2, channels]);
  const read = (input: keyof typeof inputs) => backend.floats(inputs[input], name, input);
  const [gamma, beta, moments] = [read('gamma'), read('beta'), read('moments')];
  const y = backend.output([channels]);
  for (let channel = 0; channel < channels; channel++) {
    const scale = (gamma[channel] as number) / Math.sqrt((moments[channels + channel] as number) + epsilon);
    y.values[channel] = (beta[channel] as number) - (moments[channel] as number) * scale;
  }
  return y.info;
});

export const runningStatisticsUpdates = [runningStatistics, normConstant];
