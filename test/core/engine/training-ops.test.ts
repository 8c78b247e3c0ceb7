import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { values } from '../../../core/engine/conformance/values.js';
import { affineSum, crossEntropy, momentumSteps, squaredNorm } from '../../../core/engine/index.js';
import { useCpu } from './cpu.js';
import { assertClose, assertDifferentiates } from './gradient-check.js';
import * as naive from './naive.js';

test.before(useCpu);

test('measures the cross-entropy of logits', (t) => {
  const target = naive.softmax({
    shape: [3, 5],
    data: Float64Array.from(values(2, [3, 5], { low: -2, high: 2 }).data),
  });
  assertDifferentiates(t, 'crossEntropy', {
    op: ([logits, wanted]) => crossEntropy(logits as tf.Tensor2D, wanted as tf.Tensor2D).loss,
    naive: ([logits, wanted]) => naive.crossEntropy(logits as naive.Array64, wanted as naive.Array64),
    inputs: [values(1, [3, 5], { low: -3, high: 3 }), { shape: target.shape, data: Float32Array.from(target.data) }],
    watched: [0],
  });
});

test('gives the probabilities beside the loss, for logits far beyond what exp can take', (t) => {
  const { loss, probabilities } = crossEntropy(tf.tensor2d([[1000, 0, -1000]]), tf.tensor2d([[0, 1, 0]]));
  t.deepEqual([...probabilities.dataSync()], [1, 0, 0]);
  t.is(loss.dataSync()[0], 1000);
});

test('refuses a target of another shape', (t) => {
  t.throws(() => crossEntropy(tf.ones([2, 3]), tf.ones([2, 4])), {
    message: /logits are \[2,3\], the target is \[2,4\]/,
  });
});

for (const nesterov of [false, true])
  test(`moves a parameter as torch.optim.SGD does${nesterov ? ', Nesterov' : ''}`, (t) => {
    const attributes = { learningRate: 0.1, momentum: 0.9, weightDecays: [0.01], nesterov };
    const [parameter, gradient, velocity] = [1, 2, 3].map((seed) => values(seed, [4, 3]).data) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const [moved, speed] = [parameter, velocity].map((data) => tf.variable(tf.tensor(data, [4, 3]))) as [
      tf.Variable,
      tf.Variable,
    ];
    momentumSteps([moved], [tf.tensor(gradient, [4, 3])], [speed], tf.scalar(0.5), attributes);
    const g = gradient.map((value, index) => 0.5 * value + 0.01 * (parameter[index] as number));
    const v = velocity.map((value, index) => 0.9 * value + (g[index] as number));
    const p = parameter.map(
      (value, index) =>
        value - 0.1 * (nesterov ? (g[index] as number) + 0.9 * (v[index] as number) : (v[index] as number)),
    );
    assertClose(t, 'parameter', { shape: [4, 3], data: Float64Array.from(p) }, moved, 1e-6);
    assertClose(t, 'velocity', { shape: [4, 3], data: Float64Array.from(v) }, speed, 1e-6);
  });

test('adds the squares of all tensors', (t) => {
  t.is(squaredNorm([tf.tensor1d([3]), tf.tensor2d([[4, 12]])]).dataSync()[0], 169);
  t.is(squaredNorm([]).dataSync()[0], 0);
});

for (const relu of [false, true])
  test(`adds scaled branches at inference${relu ? ' before a ReLU' : ''}`, (t) => {
    const [shape, channels] = [[2, 3, 2, 3], [3]] as [number[], number[]];
    const given = [shape, shape, channels, channels, channels].map((of, seed) => values(seed, of));
    const [a, b, scaleA, scaleB, shift] = given.map(({ data, shape }) =>
      tf.tensor(data, shape as number[]),
    ) as unknown as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
    const exact = given.map(({ data, shape }) => ({ shape, data: Float64Array.from(data) }));
    assertClose(t, 'affineSum', naive.affineSum(exact, 2, relu), affineSum([a, b], [scaleA, scaleB], shift, relu));
  });

test('says which branch misses its scale', (t) => {
  t.throws(() => affineSum([tf.ones([1, 1, 1, 1])], [], tf.ones([1]), false), { message: /1 branches, 0 scales/ });
});
