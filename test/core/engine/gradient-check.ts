import * as tf from '@tensorflow/tfjs-core';
import type { ExecutionContext } from 'ava';
import type { Values } from '../../../core/engine/conformance/values.js';
import { values } from '../../../core/engine/conformance/values.js';
import { type Array64, zeros } from './naive.js';

/** Half the distance of the two points of a central difference: its error is of the order of the square, 1e-10. */
const STEP = 1e-5;

export interface Differentiable {
  /** The op on tensors. */
  readonly op: (inputs: tf.Tensor[]) => tf.Tensor;
  /** The same as float64 loops. */
  readonly naive: (inputs: Array64[]) => Array64;
  readonly inputs: readonly Values[];
  /** Inputs that have a gradient. Default: all. */
  readonly watched?: readonly number[];
}

const wide = ({ shape, data }: Values): Array64 => ({ shape, data: Float64Array.from(data) });

/** Asserts that the op gives what the loops give, and that its gradients are the central differences of the loops. */
export function assertDifferentiates(
  t: ExecutionContext,
  title: string,
  given: Differentiable,
  tolerance = 2e-5,
): void {
  const { op, naive, inputs, watched = [...inputs.keys()] } = given;
  const exact = inputs.map(wide);
  const expected = naive(exact);
  const weights = values(424242, expected.shape);
  const before = tf.memory().numTensors;
  const tensors = inputs.map(({ shape, data }) => tf.tensor(data, [...shape]));
  const y = tf.tidy(() => op(tensors));
  assertClose(t, `${title}: values`, expected, y, tolerance);
  const weighted = tf.tensor(weights.data, [...weights.shape]);
  const { value, grads } = tf.engine().gradients(
    () => tf.sum(tf.mul(op(tensors), weighted)) as tf.Tensor,
    watched.map((index) => tensors[index] as tf.Tensor),
  );
  for (const [position, index] of watched.entries()) {
    const numeric = differences(naive, exact, index, weights);
    assertClose(t, `${title}: gradient of input ${index}`, numeric, grads[position] as tf.Tensor, tolerance);
  }
  tf.dispose([...tensors, y, weighted, value, ...grads]);
  t.is(tf.memory().numTensors, before, `${title}: leaves tensors behind`);
}

function differences(naive: Differentiable['naive'], inputs: Array64[], index: number, weights: Values): Array64 {
  const input = inputs[index] as Array64;
  const result = zeros(input.shape);
  const weightedSum = () =>
    naive(inputs).data.reduce((sum, value, place) => sum + value * (weights.data[place] as number), 0);
  for (const [place, value] of input.data.entries()) {
    input.data[place] = value + STEP;
    const above = weightedSum();
    input.data[place] = value - STEP;
    const below = weightedSum();
    input.data[place] = value;
    result.data[place] = (above - below) / (2 * STEP);
  }
  return result;
}

export function assertClose(
  t: ExecutionContext,
  title: string,
  expected: Array64,
  found: tf.Tensor,
  tolerance = 2e-5,
): void {
  t.deepEqual(found.shape, [...expected.shape], `${title}: shape`);
  const data = found.dataSync();
  const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  const apart = expected.data.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (data[index] as number))),
    0,
  );
  t.true(apart <= tolerance * largest, `${title}: differs by ${apart}, the largest value is ${largest}`);
}
