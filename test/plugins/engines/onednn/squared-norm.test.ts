import * as tf from '@tensorflow/tfjs-core';
import { squaredNorm } from '../../../../core/engine/index.js';
import { here, started } from './here.js';

started();

const SIZE = 2 ** 17 + 5;

for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
  for (const at of [0, 4321, SIZE - 1])
    here(`is not finite where value ${at} of many is ${value}`, (t) => {
      const norm = tf.tidy(() =>
        squaredNorm([tf.ones([9]), tf.tensor(new Float32Array(SIZE).fill(value, at, at + 1))]),
      );
      t.false(Number.isFinite(norm.dataSync()[0]));
      norm.dispose();
    });
