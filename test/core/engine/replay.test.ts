import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { gradients, Passes, registerReplay } from '../../../core/engine/index.js';
import { useCpu } from './cpu.js';

test.before(async () => {
  await useCpu();
  // Of TensorFlow.js' own kernels alone, which give descriptions of tensors.
  registerReplay('cpu');
});

const KERNEL = [1, -2, 3, 0.5, 1.5, -1];

/** The sum of c · relu(x · w)², where c is made anew each time, beside a variable that nothing depends on. */
function layer(constant = () => 2) {
  const weight = tf.variable(tf.tensor2d(KERNEL, [3, 2]));
  const idle = tf.variable(tf.scalar(1));
  let runs = 0;
  const f = (x: tf.Tensor2D) => {
    runs++;
    return tf.sum(tf.mul(tf.square(tf.relu(tf.matMul(x, weight))), tf.scalar(constant())));
  };
  return { weight, idle, f, runs: () => runs };
}

const data = () => [tf.memory().numTensors, tf.memory().numDataBuffers, tf.backend().numDataIds()];

type Layer = ReturnType<typeof layer>;

/** Value and gradients of a layer as a pass, for an x of its own. */
function step(passes: Passes, { weight, idle, f }: Layer, seed: number): (readonly number[] | undefined)[] {
  return tf.tidy(() => {
    const x = tf.tensor2d([seed, 1, -seed, 0.5, seed, 2], [2, 3]);
    // Two readers of x outside of the pass.
    const all = () =>
      tf.add(
        passes.run('a', [x, weight, idle], () => f(x)),
        tf.sum(tf.square(x)),
      ) as tf.Scalar;
    const { value, gradients: found } = gradients(all, [x, weight, idle]);
    return [value, ...found].map((tensor) => tensor && [...tensor.dataSync()]);
  });
}

/** The same without a pass, by TensorFlow.js. */
function expected({ weight, f }: Layer, seed: number): readonly number[][] {
  return tf.tidy(() => {
    const x = tf.tensor2d([seed, 1, -seed, 0.5, seed, 2], [2, 3]);
    const { value, grads } = tf.engine().gradients(() => tf.add(f(x), tf.sum(tf.square(x))), [x, weight as tf.Tensor]);
    return [value, ...grads].map((tensor) => [...tensor.dataSync()]);
  });
}

test.serial('a function runs six times, its kernels every time, on what inputs and variables hold then', (t) => {
  const [passes, own] = [new Passes(), layer()];
  const counts: number[] = [];
  for (let seed = 1; seed <= 10; seed++) {
    const [value, dx, dweight, didle] = step(passes, own, seed);
    counts.push(own.runs());
    t.deepEqual([value, dx, dweight], [...expected(own, seed)]);
    t.is(didle, undefined, 'nothing depends on it');
    own.weight.assign(
      tf.tensor2d(
        KERNEL.map((weight) => weight + seed),
        [3, 2],
      ),
    );
  }
  // Each time once more for what is expected.
  t.deepEqual(counts, [1, 3, 5, 7, 9, 11, 12, 13, 14, 15]);
});

test.serial('nothing is left of a pass', (t) => {
  const [passes, own] = [new Passes(), layer()];
  const atFirst = data();
  for (let seed = 1; seed <= 6; seed++) step(passes, own, seed);
  const before = data();
  for (let seed = 7; seed <= 9; seed++) {
    step(passes, own, seed);
    t.deepEqual(data(), before);
  }
  passes.dispose();
  t.deepEqual(data(), atFirst, 'constants that were held');
});

test.serial('what is not the same each time is never run again', (t) => {
  let calls = 0;
  const own = layer(() => calls++);
  const passes = new Passes();
  for (let seed = 1; seed <= 10; seed++) step(passes, own, seed);
  t.is(own.runs(), 10);
});

test.serial('what asks for values is never run again', (t) => {
  const own = layer();
  const asking = {
    ...own,
    f: (x: tf.Tensor2D) => tf.mul(own.f(x), (x.dataSync()[0] as number) > 3 ? 2 : 1) as tf.Scalar,
  };
  const passes = new Passes();
  for (let seed = 1; seed <= 10; seed++)
    t.deepEqual(step(passes, asking, seed).slice(0, 3), [...expected(asking, seed)]);
});

test.serial('a gradient of its own is never run again', (t) => {
  const passes = new Passes();
  const double = tf.customGrad((x) => ({
    value: tf.mul(x as tf.Tensor, 2),
    gradFunc: (dy) => tf.mul(dy as tf.Tensor, 3),
  }));
  let runs = 0;
  for (let index = 0; index < 10; index++)
    tf.tidy(() => {
      const x = tf.scalar(index);
      const f = () => {
        runs++;
        return double(x) as tf.Scalar;
      };
      const { value, gradients: found } = gradients(() => passes.run('a', [x], f), [x]);
      t.deepEqual([value.dataSync()[0], found[0]?.dataSync()[0]], [2 * index, 3]);
    });
  t.is(runs, 10);
});

test.serial('a variable in the place of another has the pass written down anew', (t) => {
  const passes = new Passes();
  const first = layer();
  for (let seed = 1; seed <= 7; seed++) step(passes, first, seed);
  first.weight.dispose();
  const second = layer();
  second.weight.assign(
    tf.tensor2d(
      KERNEL.map((weight) => -weight),
      [3, 2],
    ),
  );
  for (let seed = 1; seed <= 5; seed++)
    t.deepEqual(step(passes, second, seed).slice(0, 3), [...expected(second, seed)]);
});

test.serial('a kernel that fails in the middle leaves nothing behind', (t) => {
  const [passes, own] = [new Passes(), layer()];
  for (let seed = 1; seed <= 7; seed++) step(passes, own, seed);
  const before = data();
  // The second of the forward half, and one of the backward half.
  for (const name of ['Relu', 'Step']) {
    const config = tf.getKernel(name, 'cpu');
    const { kernelFunc } = config;
    config.kernelFunc = () => {
      throw new Error('no more');
    };
    t.throws(() => step(passes, own, 4), { message: 'no more' }, name);
    config.kernelFunc = kernelFunc;
    t.deepEqual(data(), before, name);
  }
  t.deepEqual(step(passes, own, 5).slice(0, 3), [...expected(own, 5)]);
});

test.serial('outside of a gradient it is the function', (t) => {
  const [passes, own] = [new Passes(), layer()];
  const x = tf.ones<tf.Rank.R2>([2, 3]);
  for (let index = 0; index < 5; index++) tf.tidy(() => passes.run('a', [x, own.weight, own.idle], () => own.f(x)));
  t.is(own.runs(), 5);
});

test.serial('a trained variable that was not named is an error', (t) => {
  const [passes, own] = [new Passes(), layer()];
  const x = tf.ones<tf.Rank.R2>([2, 3]);
  const f = () => passes.run('a', [x], () => own.f(x)) as tf.Scalar;
  t.throws(() => gradients(f, [x]), { message: /variable .* is not among its inputs/ });
});
