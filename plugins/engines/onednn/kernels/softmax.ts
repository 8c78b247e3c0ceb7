import * as tf from '@tensorflow/tfjs-core';
import { allFinite } from '../finite.js';
import { softmax } from '../softmax.js';
import { sizeOf } from './geometry.js';
import { fallback, kernel } from './register.js';

/** From here on a call of the library beats a loop. */
const LARGE = 512;

/** TensorFlow.js' own, over the last axis. */
export const softmaxes = [
  kernel<{ logits: tf.TensorInfo }, { readonly dim: number }>(tf.Softmax, (backend, inputs, attributes) => {
    const { logits } = inputs;
    const rank = logits.shape.length;
    const isLast = attributes.dim === -1 || attributes.dim === rank - 1;
    if (logits.dtype !== 'float32' || !isLast || rank === 0 || sizeOf(logits.shape) === 0)
      return fallback(tf.Softmax, backend, inputs, attributes);
    const classes = logits.shape.at(-1) as number;
    const x = backend.floats(logits, tf.Softmax, 'logits');
    const y = backend.output(logits.shape);
    if (x.length < LARGE || !allFinite(backend, x)) inLoops(x, classes, y.values);
    else softmax(backend, x.length / classes, classes).run(x, y.values);
    return y.info;
  }),
];

function inLoops(x: Float32Array, classes: number, y: Float32Array): void {
  for (let begin = 0; begin < x.length; begin += classes) {
    const end = begin + classes;
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = begin; at < end; at++) highest = Math.max(highest, x[at] as number);
    let sum = 0;
    for (let at = begin; at < end; at++) sum += y[at] = Math.exp((x[at] as number) - highest);
    for (let at = begin; at < end; at++) y[at] = (y[at] as number) / sum;
  }
}
