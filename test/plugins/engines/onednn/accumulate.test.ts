import * as tf from '@tensorflow/tfjs-core';
import { gradients } from '../../../../core/engine/index.js';
import { here, started } from './here.js';

started();

for (const size of [3, 5000])
  here(`gradients that meet leave alone what shares their data, ${size} values`, (t) => {
    tf.tidy(() => {
      const x = tf.fill([size], 2);
      const dy = tf.fill([size], 3);
      // Of x + x both are dy itself; the shape of x, and the square, bring one more each.
      const sum = () => tf.add(tf.add(x, x), tf.add(tf.reshape(x, [size]), tf.square(x)));
      const found = gradients(sum, [x], dy).gradients[0] as tf.Tensor;
      t.is(tf.max(found).dataSync()[0], 3 * (1 + 1 + 1 + 4));
      t.is(tf.min(found).dataSync()[0], 21);
      t.is(tf.max(dy).dataSync()[0], 3);
      t.is(tf.max(x).dataSync()[0], 2);
    });
  });
