import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { largest } from '../reparam/network/layers.js';
import { crossEntropy } from '../engine/index.js';
import { NotFiniteError } from './not-finite.js';
import type { TrainingBatch } from './step.js';

export interface Evaluation {
  readonly images: number;
  /** Fraction of images whose most probable class is theirs. */
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly loss: number;
}

/** An evaluation together with the class named for every image, in order. */
export interface Predictions extends Evaluation {
  readonly predictions: Int32Array;
}

/**
 * Measures accuracy and loss of any function from normalised images `[N, H, W, C]` to logits `[N, classes]`.
 * @throws NotFiniteError if the logits are not finite: the first class would be named for each of them.
 */
export async function evaluate(
  infer: (images: tf.Tensor4D) => tf.Tensor2D,
  [height, width, channels]: readonly [number, number, number],
  batches: AsyncIterable<TrainingBatch>,
): Promise<Predictions> {
  const predictions: number[] = [];
  let correct = 0;
  let loss = 0;
  for await (const batch of batches) {
    const [mean, named, wanted] = tf.tidy(() => {
      const logits = infer(tf.tensor4d(batch.images, [batch.size, height, width, channels]));
      const target = tf.tensor2d(batch.target, [batch.size, logits.shape[1]]);
      return [crossEntropy(logits, target).loss, tf.argMax(logits, 1), tf.argMax(target, 1)] as const;
    }) as unknown as [tf.Scalar, tf.Tensor1D, tf.Tensor1D];
    const [losses, classes, truth] = await Promise.all([mean.data(), named.data(), wanted.data()]);
    tf.dispose([mean, named, wanted]);
    if (!Number.isFinite(losses[0]))
      throw new NotFiniteError(
        `the loss of an evaluation became ${losses[0]} (images ${predictions.length + 1} to ${predictions.length + batch.size}): ` +
          'its logits are not finite',
      );
    loss += (losses[0] ?? Number.NaN) * batch.size;
    for (const [at, label] of classes.entries()) if (label === truth[at]) correct++;
    predictions.push(...classes);
    // Signals and timers are only served between macrotasks, and a CPU engine never waits for one.
    await setImmediate();
  }
  const images = predictions.length;
  return { images, accuracy: correct / images, loss: loss / images, predictions: Int32Array.from(predictions) };
}

/** Returns the fraction of images that another program classifies correctly; it takes and gives plain arrays. */
export async function accuracyOf(
  infer: (images: Float32Array, shape: readonly [number, number, number, number]) => Promise<Float32Array>,
  [height, width, channels]: readonly [number, number, number],
  batches: AsyncIterable<TrainingBatch>,
): Promise<number> {
  let images = 0;
  let correct = 0;
  for await (const { images: values, target, size } of batches) {
    const logits = await infer(values, [size, height, width, channels]);
    const classes = logits.length / size;
    for (let image = 0; image < size; image++) {
      const row = (of: Float32Array) => of.subarray(image * classes, (image + 1) * classes);
      if (largest(row(logits)) === largest(row(target))) correct++;
    }
    images += size;
  }
  return correct / images;
}

/** Returns the fraction of images for which both name the same class. */
export function agreement(a: Predictions, b: Predictions): number {
  const same = a.predictions.reduce((count, label, at) => count + (label === b.predictions[at] ? 1 : 0), 0);
  return same / a.images;
}
