import type * as tf from '@tensorflow/tfjs-core';
import { type CrossEntropyAttributes, KERNELS } from '../../../../core/engine/kernels.js';
import { kernel } from './register.js';
import { expectShape } from './shapes.js';

/** A few hundred values: one loop costs less than the library's calls. */
const forward = kernel<{ logits: tf.TensorInfo; target: tf.TensorInfo }, CrossEntropyAttributes>(
  KERNELS.crossEntropy,
  (backend, { logits, target }) => {
    const name = KERNELS.crossEntropy;
    const [rows = 0, classes = 0] = logits.shape;
    expectShape(name, 'logits', logits.shape, [rows, classes]);
    expectShape(name, 'target', target.shape, [rows, classes]);
    const [x, wanted] = [backend.floats(logits, name, 'logits'), backend.floats(target, name, 'target')];
    const [loss, probabilities] = [backend.output([]), backend.output([rows, classes])];
    let total = 0;
    for (let row = 0; row < rows; row++) {
      const [begin, end] = [row * classes, (row + 1) * classes];
      let highest = Number.NEGATIVE_INFINITY;
      for (let at = begin; at < end; at++) highest = Math.max(highest, x[at] as number);
      let sum = 0;
      for (let at = begin; at < end; at++) sum += Math.exp((x[at] as number) - highest);
      const logarithm = Math.log(sum) + highest;
      for (let at = begin; at < end; at++) {
        total += (wanted[at] as number) * (logarithm - (x[at] as number));
        probabilities.values[at] = Math.exp((x[at] as number) - logarithm);
      }
    }
    loss.values[0] = total / rows;
    return [loss.info, probabilities.info];
  },
);

const gradient = kernel<
  { dy: tf.TensorInfo; probabilities: tf.TensorInfo; target: tf.TensorInfo },
  CrossEntropyAttributes
>(KERNELS.crossEntropyGradient, (backend, { dy, probabilities, target }) => {
  const name = KERNELS.crossEntropyGradient;
  expectShape(name, 'dy', dy.shape, []);
  expectShape(name, 'target', target.shape, probabilities.shape);
  const found = backend.floats(probabilities, name, 'probabilities');
  const wanted = backend.floats(target, name, 'target');
  const factor = (backend.floats(dy, name, 'dy')[0] as number) / (probabilities.shape[0] as number);
  const dlogits = backend.output(probabilities.shape);
  for (let at = 0; at < found.length; at++) {
    dlogits.values[at] = ((found[at] as number) - (wanted[at] as number)) * factor;
  }
  return dlogits.info;
});

export const crossEntropies = [forward, gradient];
