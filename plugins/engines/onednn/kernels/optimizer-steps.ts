import type * as tf from '@tensorflow/tfjs-core';
import {
  KERNELS,
  type MomentumStepAttributes,
  type MomentumStepsAttributes,
  type NormConstantAttributes,
  type RunningStatisticsAttributes,
  type SquaredNormAttributes,
} from '../../../../core/ops/kernels.js';
import { ALGORITHM } from '../abi.js';
import type { OneDnnBackend } from '../backend.js';
import { binary, map, plus, row, SCALAR, type Then, times } from '../elementwise.js';
import { sum } from './reductions.js';
import { kernel } from './register.js';
import { expectShape } from './shapes.js';

/** From here on calls of the library beat a loop. */
const LARGE = 4096;

interface Inputs {
  readonly parameter: tf.TensorInfo;
  readonly gradient: tf.TensorInfo;
  readonly velocity: tf.TensorInfo;
  readonly scale: tf.TensorInfo;
}

const momentumStep = kernel<Inputs, MomentumStepAttributes>(KERNELS.momentumStep, (backend, inputs, attributes) => {
  const { next, moved } = stepOf(backend, KERNELS.momentumStep, inputs, attributes);
  return [next, moved];
});

const momentumSteps = kernel<readonly tf.TensorInfo[], MomentumStepsAttributes>(
  KERNELS.momentumSteps,
  (backend, inputs, { weightDecays, ...attributes }) => {
    const name = KERNELS.momentumSteps;
    const count = weightDecays.length;
    const [scale, ...rest] = Object.values(inputs);
    if (!scale || rest.length !== 3 * count)
      throw new Error(`${name}: found ${rest.length + 1} inputs; ${count} parameters need ${3 * count + 1}`);
    const of = (part: number, index: number) => rest[part * count + index] as tf.TensorInfo;
    const steps = weightDecays.map((weightDecay, index) => {
      const own = { parameter: of(0, index), gradient: of(1, index), velocity: of(2, index), scale };
      return stepOf(backend, name, own, { ...attributes, weightDecay });
    });
    return [...steps.map(({ next }) => next), ...steps.map(({ moved }) => moved)];
  },
);

function stepOf(
  backend: OneDnnBackend,
  name: string,
  inputs: Inputs,
  attributes: MomentumStepAttributes,
): { next: tf.TensorInfo; moved: tf.TensorInfo } {
  const { shape } = inputs.parameter;
  const read = (input: keyof Inputs, expected: readonly number[]): Float32Array => {
    expectShape(name, input, inputs[input].shape, expected);
    return backend.floats(inputs[input], name, input);
  };
  const state = [read('parameter', shape), read('gradient', shape), read('velocity', shape)] as const;
  const scale = read('scale', [])[0] as number;
  const [next, moved] = [backend.output(shape), backend.output(shape)];
  const small = next.values.length < LARGE;
  // What is divided by below.
  const divisible = scale > 0 && attributes.momentum > 0 && Number.isFinite(scale);
  if (small || !divisible) step(...state, scale, attributes, next.values, moved.values);
  else stepInPasses(backend, state, scale, attributes, next.values, moved.values);
  return { next: next.info, moved: moved.info };
}

/**
 * The same in two passes of the library. The rates are operands, since they change with every step:
 * v' = ((p·d/s + g)·s/m + v)·m and, with Nesterov, p' = (v·(−m/(1+m)) + v')·(−η(1+m)) + p, without p' = v'·(−η) + p.
 */
function stepInPasses(
  backend: OneDnnBackend,
  [parameter, gradient, velocity]: readonly [Float32Array, Float32Array, Float32Array],
  scale: number,
  { learningRate, momentum, weightDecay, nesterov }: MomentumStepAttributes,
  next: Float32Array,
  moved: Float32Array,
): void {
  const all = row(next.length);
  const number = (value: number): Float32Array => Float32Array.of(value);
  const multiply = (then: readonly Then[]) => binary(backend, ALGORITHM.multiply, all, SCALAR, then);
  if (weightDecay === 0 && scale === 1) multiply([plus(all)]).run(velocity, number(momentum), gradient, moved);
  else
    multiply([plus(all), times(SCALAR), plus(all), times(SCALAR)]).run(
      ...[parameter, number(weightDecay / scale), gradient, number(scale / momentum), velocity],
      ...[number(momentum), moved],
    );
  if (!nesterov) multiply([plus(all)]).run(moved, number(-learningRate), parameter, next);
  else
    multiply([plus(all), times(SCALAR), plus(all)]).run(
      ...[velocity, number(-momentum / (1 + momentum)), moved, number(-learningRate * (1 + momentum)), parameter, next],
    );
}

function step(
  parameter: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array,
  scale: number,
  { learningRate, momentum, weightDecay, nesterov }: MomentumStepAttributes,
  next: Float32Array,
  moved: Float32Array,
): void {
  for (let at = 0; at < parameter.length; at++) {
    const p = parameter[at] as number;
    const g = scale * (gradient[at] as number) + weightDecay * p;
    const v = momentum * (velocity[at] as number) + g;
    moved[at] = v;
    next[at] = p - learningRate * (nesterov ? g + momentum * v : v);
  }
}

const squaredNorm = kernel<readonly tf.TensorInfo[], SquaredNormAttributes>(KERNELS.squaredNorm, (backend, tensors) => {
  const y = backend.output([]);
  let total = 0;
  for (const tensor of Object.values(tensors)) {
    total += squares(backend, backend.floats(tensor, KERNELS.squaredNorm, 'a tensor'));
  }
  y.values[0] = total;
  return y.info;
});

/** Columns of the matrix that a long row is summed as: its rows by the library, what is left by a loop. */
const COLUMNS = 256;

/** Sum of the squares of all values. */
function squares(backend: OneDnnBackend, x: Float32Array): number {
  if (x.length < LARGE) return squaresInLoop(x, 0);
  const rows = Math.floor(x.length / COLUMNS);
  const whole = x.subarray(0, rows * COLUMNS);
  let total = squaresInLoop(x, whole.length);
  backend.scratch(whole.length, (squared) => {
    map(backend, ALGORITHM.square, whole.length).run(whole, squared);
    backend.scratch(COLUMNS, (sums) => {
      sum(backend, squared, [1, rows, COLUMNS], sums);
      for (const part of sums) total += part;
    });
  });
  return total;
}

function squaresInLoop(x: Float32Array, from: number): number {
  let total = 0;
  for (let at = from; at < x.length; at++) total += (x[at] as number) * (x[at] as number);
  return total;
}

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

export const optimizerSteps = [momentumStep, momentumSteps, squaredNorm, runningStatistics, normConstant];
