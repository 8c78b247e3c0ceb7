import type * as tf from '@tensorflow/tfjs-core';
import {
  type ConstantConvolutionAttributes,
  KERNELS,
  type NormConstantAttributes,
  type RunningStatisticsAttributes,
} from '../../../../core/engine/kernels.js';
import { multiply, plain } from '../matrix.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';

/** Means, then variances, a step towards the batch's; `after` may be `before`. */
function move(
  before: Float32Array,
  batch: Float32Array,
  momentum: number,
  unbias: number,
  added: Float32Array | undefined,
  after: Float32Array,
): void {
  const channels = before.length / 2;
  for (let channel = 0; channel < channels; channel++) {
    const mean = (batch[channel] as number) + (added ? (added[channel] as number) : 0);
    const variance = (batch[channels + channel] as number) * unbias;
    after[channel] = (1 - momentum) * (before[channel] as number) + momentum * mean;
    after[channels + channel] = (1 - momentum) * (before[channels + channel] as number) + momentum * variance;
  }
}

/** Writes over the running statistics, unless other tensors share their data. */
const runningStatistics = kernel<readonly tf.TensorInfo[], RunningStatisticsAttributes>(
  KERNELS.runningStatistics,
  (backend, given, { momentum, counts, shifted }) => {
    const name = KERNELS.runningStatistics;
    const inputs = Object.values(given);
    if (inputs.length !== 2 * counts.length + shifted.length)
      throw new Error(
        `${name}: found ${inputs.length} inputs; ${counts.length} norms and ${shifted.length} constants need ${2 * counts.length + shifted.length}`,
      );
    // All are looked at before the first is moved.
    const all = counts.map((count, index) => {
      const [running, moments] = [inputs[index], inputs[counts.length + index]] as [tf.TensorInfo, tf.TensorInfo];
      const channels = running.shape[1] ?? 0;
      expectShape(name, 'running', running.shape, [2, channels]);
      expectShape(name, 'moments', moments.shape, [2, channels]);
      const at = shifted.indexOf(index);
      const constant = at < 0 ? undefined : (inputs[2 * counts.length + at] as tf.TensorInfo);
      if (constant) expectShape(name, 'constant', constant.shape, [channels]);
      return {
        running,
        channels,
        unbias: count / Math.max(1, count - 1),
        before: backend.floats(running, name, 'running'),
        batch: backend.floats(moments, name, 'moments'),
        added: constant && backend.floats(constant, name, 'constant'),
      };
    });
    const overwrites = all.every(({ running }) => !backend.shares(running));
    const outputs = all.map(({ running, channels, unbias, before, batch, added }) => {
      const y = overwrites ? { info: running, values: backend.overwritten(running) } : backend.output([2, channels]);
      move(before, batch, momentum, unbias, added, y.values);
      return y.info;
    });
    return overwrites ? [] : outputs;
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

/** A row that holds the constant once for each tap, times the kernel as a matrix; group by group a loop. */
const constantConvolution = kernel<{ constant: tf.TensorInfo; kernel: tf.TensorInfo }, ConstantConvolutionAttributes>(
  KERNELS.constantConvolution,
  (backend, inputs, { groups }) => {
    const name = KERNELS.constantConvolution;
    const [height, width, channels, outputs] = shape4(name, 'kernel', inputs.kernel.shape);
    expectShape(name, 'constant', inputs.constant.shape, [channels * groups]);
    const constant = backend.floats(inputs.constant, name, 'constant');
    const values = backend.floats(inputs.kernel, name, 'kernel');
    const [taps, own] = [height * width, outputs / groups];
    const y = backend.output([outputs]);
    if (groups === 1)
      backend.scratch(taps * channels, (row) => {
        for (let tap = 0; tap < taps; tap++) row.set(constant, tap * channels);
        multiply(backend, [1, taps * channels, outputs], plain(row), plain(values), y.values);
      });
    else
      for (let output = 0; output < outputs; output++) {
        const first = Math.floor(output / own) * channels;
        let sum = 0;
        for (let row = 0; row < taps * channels; row++)
          sum += (constant[first + (row % channels)] as number) * (values[row * outputs + output] as number);
        y.values[output] = sum;
      }
    return y.info;
  },
);

export const runningStatisticsUpdates = [runningStatistics, normConstant, constantConvolution];
