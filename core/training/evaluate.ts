import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from '../ops/index.js';
import type { TrainingBatch } from './step.js';

export interface Evaluation {
  readonly images: number;
  /** Share of images whose most probable class is theirs. */
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly loss: number;
}

/** Accuracy and loss of anything that turns normalised images `[N, H, W, C]` into logits `[N, classes]`. */
export async function evaluate(
  infer: (images: tf.Tensor4D) => tf.Tensor2D,
  [height, width, channels]: readonly [number, number, number],
  batches: AsyncIterable<TrainingBatch>,
): Promise<Evaluation> {
  let images = 0;
  let correct = 0;
  let loss = 0;
  for await (const batch of batches) {
    const figures = tf.tidy(() => {
      const logits = infer(tf.tensor4d(batch.images, [batch.size, height, width, channels]));
      const target = tf.tensor2d(batch.target, [batch.size, logits.shape[1]]);
      const right = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(target, 1)), 'float32'));
      return tf.stack([tf.reshape(crossEntropy(logits, target).loss, []), right]);
    });
    const [mean = Number.NaN, right = 0] = await figures.data();
    figures.dispose();
    images += batch.size;
    correct += right;
    loss += mean * batch.size;
  }
  return { images, accuracy: correct / images, loss: loss / images };
}
