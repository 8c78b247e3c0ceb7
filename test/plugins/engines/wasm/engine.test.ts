import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { wasm } from '../../../../plugins/engines/wasm/engine.js';
import { engineTests } from '../engine-suite.js';

const listeners = process.listenerCount('uncaughtException');

await engineTests(wasm);

test.serial('frees a kernel once that images were convolved with and a matrix was multiplied by', async (t) => {
  const session = await wasm.start({});
  for (let turn = 0; turn < 20; turn++) {
    tf.tidy(() => {
      const kernel = tf.ones([3, 3, 4, 8]) as tf.Tensor4D;
      const convolved = tf.conv2d(tf.ones([1, 6, 6, 4]) as tf.Tensor4D, kernel, 1, 'valid');
      const multiplied = tf.matMul(tf.ones([5, 36]), tf.reshape(kernel, [36, 8]));
      t.is(convolved.dataSync()[0], 36);
      t.is(multiplied.dataSync()[0], 36);
    });
  }
  await session.stop();
});

test('leaves the process its own way of failing', (t) => {
  t.is(process.listenerCount('uncaughtException'), listeners);
});
