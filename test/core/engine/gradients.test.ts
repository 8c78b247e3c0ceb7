import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { values } from '../../../core/engine/conformance/values.js';
import {
  averagePool,
  branchNorm,
  convolve,
  crossEntropy,
  gradients,
  mergedKernel,
} from '../../../core/engine/index.js';
import { useCpu } from './cpu.js';

test.before(useCpu);
test.beforeEach(() => tf.engine().startScope());
test.afterEach(() => tf.engine().endScope());

const tensor = (seed: number, shape: number[]) => tf.tensor(values(seed, shape).data, shape);

/** Layers of convolution, two branches and sum, with shared weights, so that gradients meet in several places. */
function network(layers: number) {
  const images = tensor(1, [4, 8, 8, 3]) as tf.Tensor4D;
  const target = tf.softmax(tensor(2, [4, 8])) as tf.Tensor2D;
  const kernels = Array.from(
    { length: layers },
    (_, index) => tensor(3 + index, [3, 3, index ? 8 : 3, 8]) as tf.Tensor4D,
  );
  const gamma = tf.ones<tf.Rank.R1>([8]);
  const beta = tf.zeros<tf.Rank.R1>([8]);
  const gates = tf.tensor1d([0.7, 1.2]);
  const loss = () => {
    let x = images;
    for (const kernel of kernels) {
      const u = convolve(x, kernel, { stride: 1, padding: [1, 1], groups: 1 });
      const v = averagePool(u, { size: 3, stride: 1, padding: 1 });
      const { y } = branchNorm([u, v], [gamma, gamma], [beta, beta], gates, { epsilon: 1e-5, relu: true });
      x = x.shape[3] === 8 ? tf.add(x, y) : y;
    }
    return crossEntropy(tf.mean(x, [1, 2]) as tf.Tensor2D, target).loss;
  };
  return { loss, watched: [...kernels, gamma, beta, gates] };
}

test.serial('are those of TensorFlow.js', (t) => {
  const { loss, watched } = network(3);
  const expected = tf.engine().gradients(loss as () => tf.Tensor, watched);
  const found = gradients(loss, watched);
  t.is(found.value.dataSync()[0], expected.value.dataSync()[0]);
  for (const [index, gradient] of expected.grads.entries())
    t.deepEqual(found.gradients[index]?.dataSync(), gradient.dataSync(), `gradient ${index}`);
});

test.serial('of two outputs of a kernel add up, whichever of them the value depends on', (t) => {
  const window = { taps: 1, second: Float32Array.of(1), first: Float32Array.of(1) };
  const attributes = { size: 1, epsilon: 1e-5, windows: [window], places: [[[0]]] };
  // A positive second moment above a mean, of two channels.
  const patches = tf.tensor2d([2, 0.5, 0.5, 3, 0.3, -0.2], [3, 2]);
  const gates = tf.tensor1d([0.8]);
  const branch = {
    kernel: tensor(41, [1, 1, 2, 3]),
    gamma: tensor(42, [3]) as tf.Tensor1D,
    beta: tensor(43, [3]) as tf.Tensor1D,
  };
  const watched = [patches, gates, branch.kernel, branch.gamma, branch.beta];
  const [ofKernel, ofShift] = [tensor(44, [1, 1, 2, 3]), tensor(45, [3])];
  const of = (kernelToo: boolean, shiftToo: boolean) =>
    gradients(() => {
      const { kernel, shift } = mergedKernel(patches, gates, [branch], attributes);
      const parts = [...(kernelToo ? [tf.mul(kernel, ofKernel)] : []), ...(shiftToo ? [tf.mul(shift, ofShift)] : [])];
      return tf.addN(parts.map((part) => tf.sum(part))) as tf.Scalar;
    }, watched).gradients.map((gradient) => gradient?.dataSync() ?? []);
  const [both, kernel, shift] = [of(true, true), of(true, false), of(false, true)];
  for (const [index, gradient] of both.entries()) {
    t.deepEqual(kernel[index]?.length, watched[index]?.size);
    for (const [at, value] of gradient.entries())
      t.true(Math.abs(value - Number(kernel[index]?.[at]) - Number(shift[index]?.[at])) < 1e-5, `${index}, ${at}`);
  }
  t.notDeepEqual(shift[0], kernel[0]);
});

test.serial('leave nothing behind', (t) => {
  const { loss, watched } = network(2);
  const before = tf.memory().numTensors;
  const { value, gradients: given } = gradients(loss, watched);
  t.is(tf.memory().numTensors, before + 1 + watched.length);
  tf.dispose([value, ...(given as tf.Tensor[])]);
  t.is(tf.memory().numTensors, before);
});

test.serial('are absent where the value does not depend on a tensor', (t) => {
  const [a, b] = [tf.scalar(3), tf.scalar(4)];
  const { gradients: given } = gradients(() => tf.square(a), [b, a]);
  t.is(given[0], undefined);
  t.is(given[1]?.dataSync()[0], 6);
});

test.serial('leave nothing behind where the forward or the backward pass fails', (t) => {
  const a = tf.tensor1d([3, 1]);
  const before = tf.memory().numTensors;
  t.throws(
    () =>
      gradients(() => {
        tf.sum(tf.square(a));
        throw new Error('out of luck');
      }, [a]),
    { message: 'out of luck' },
  );
  t.throws(() => gradients(() => tf.sum(tf.square(tf.topk(a, 1).values)) as tf.Scalar, [a]), {
    message: /TopK has no gradient/,
  });
  t.is(tf.memory().numTensors, before);
  t.notThrows(() => gradients(() => tf.sum(a) as tf.Scalar, [a]), 'the tape is usable again');
});
