import * as tf from '@tensorflow/tfjs-core';
import { type Correction, correctKernel, type Former, inputTensor, madeTensor } from './replace.js';

// Maxima by comparison, exponentials with a bounded argument and the like make numbers of NaN. A network that has become NaN must not
// look as if it had not.

/** Computes which values of a kernel's output must be NaN: a boolean of its shape, or one that is broadcast to it. */
type Mask = (inputs: Readonly<Record<string, tf.TensorInfo>>, attributes: object, former: Former) => tf.Tensor;

const elementwise: Mask = ({ x }) => tf.isNaN(inputTensor(x as tf.TensorInfo));

const either: Mask = ({ a, b }) =>
  tf.logicalOr(tf.isNaN(inputTensor(a as tf.TensorInfo)), tf.isNaN(inputTensor(b as tf.TensorInfo)));

/** A NaN anywhere in a row, or an infinity less itself, makes the whole row NaN. */
const rows: Mask = ({ logits }) => {
  const given = inputTensor(logits as tf.TensorInfo);
  return tf.any(tf.logicalOr(tf.isNaN(given), tf.equal(given, Number.POSITIVE_INFINITY)), -1, true);
};

/** A window that sees a NaN. */
const windows: Mask = ({ x }, attributes, former) => {
  const seen = tf.cast(tf.isNaN(inputTensor(x as tf.TensorInfo)), 'float32');
  return tf.greater(madeTensor(former({ inputs: { x: seen }, attributes })), 0);
};

const MASKS: ReadonlyMap<string, Mask> = new Map([
  ...[tf.Relu, tf.Relu6, tf.Elu, tf.Selu, tf.Sigmoid, tf.Softplus].map((name) => [name, elementwise] as const),
  ...[tf.Exp, tf.Expm1, tf.Log, tf.Log1p, tf.Tanh, tf.Sign, tf.ClipByValue].map((name) => [name, elementwise] as const),
  ...[tf.Maximum, tf.Minimum].map((name) => [name, either] as const),
  ...[tf.Softmax, tf.LogSoftmax].map((name) => [name, rows] as const),
  [tf.MaxPool, windows],
]);

/** True if a tensor may hold a NaN. */
export type Suspicion = (tensor: tf.TensorInfo) => boolean;

/**
 * Makes kernels of a backend give NaN where they are given NaN. What it costs is `suspects` where nothing is NaN.
 * @throws Error for a kernel of which it is not known where its NaNs go.
 */
export function keepNaN(backendName: string, kernelNames: readonly string[], suspects: Suspicion): void {
  for (const name of kernelNames) {
    const mask = MASKS.get(name);
    if (!mask) throw new Error(`keepNaN: ${name} is none of ${[...MASKS.keys()].join(', ')}`);
    correctKernel(backendName, name, keeping(mask, suspects));
  }
}

const keeping =
  (mask: Mask, suspects: Suspicion): Correction =>
  ({ inputs, attributes }, former) => {
    const given = Object.values(inputs);
    if (!given.some((input) => input.dtype === 'float32' && suspects(input))) return undefined;
    return tf.tidy(() => {
      const y = madeTensor(former({ inputs, attributes }));
      return tf.where(tf.broadcastTo(mask(inputs, attributes, former), y.shape), tf.scalar(Number.NaN), y);
    });
  };
