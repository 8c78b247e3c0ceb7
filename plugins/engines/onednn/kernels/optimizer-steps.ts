import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type MomentumStepAttributes, type SquaredNormAttributes } from '../../../../core/ops/kernels.js';
import { kernel } from './register.js';
import { expectShape } from './shapes.js';

// The rates change with every step, and the library compiles numbers in: loops, one pass each, do better.

interface Inputs {
  readonly parameter: tf.TensorInfo;
  readonly gradient: tf.TensorInfo;
  readonly velocity: tf.TensorInfo;
  readonly scale: tf.TensorInfo;
}

const momentumStep = kernel<Inputs, MomentumStepAttributes>(KERNELS.momentumStep, (backend, inputs, attributes) => {
  const name = KERNELS.momentumStep;
  const { shape } = inputs.parameter;
  const read = (input: keyof Inputs, expected: readonly number[]): Float32Array => {
    expectShape(name, input, inputs[input].shape, expected);
    return backend.floats(inputs[input], name, input);
  };
  const [parameter, gradient, velocity] = [read('parameter', shape), read('gradient', shape), read('velocity', shape)];
  const scale = read('scale', [])[0] as number;
  const [next, moved] = [backend.output(shape), backend.output(shape)];
  step(parameter, gradient, velocity, scale, attributes, next.values, moved.values);
  return [next.info, moved.info];
});

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
    total += squares(backend.floats(tensor, KERNELS.squaredNorm, 'a tensor'));
  }
  y.values[0] = total;
  return y.info;
});

/** Four sums at a time, so that an addition does not wait for the one before. */
function squares(x: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = 0;
  for (; at + 3 < x.length; at += 4) {
    a += (x[at] as number) ** 2;
    b += (x[at + 1] as number) ** 2;
    c += (x[at + 2] as number) ** 2;
    d += (x[at + 3] as number) ** 2;
  }
  for (; at < x.length; at++) a += (x[at] as number) ** 2;
  return a + b + c + d;
}

export const optimizerSteps = [momentumStep, squaredNorm];
