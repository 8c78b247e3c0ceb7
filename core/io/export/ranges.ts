import * as tf from '@tensorflow/tfjs-core';
import type { ValueRange } from '../../contracts/exporter.js';
import type { FusedModel } from '../../reparam/network/fuse.js';
import type { CheckImages } from './check.js';

/** Smallest and largest value of the image and of every node's output, over all images. */
export async function valueRanges(
  model: FusedModel,
  batches: AsyncIterable<CheckImages>,
): Promise<ReadonlyMap<string, ValueRange>> {
  const [height, width, channels] = model.network.graph.input;
  const ranges = new Map<string, ValueRange>();
  const see = (name: string, values: tf.Tensor): void => {
    const [lowest, highest] = tf.tidy(() => [tf.min(values).dataSync()[0], tf.max(values).dataSync()[0]]) as [
      number,
      number,
    ];
    const before = ranges.get(name);
    ranges.set(name, {
      lowest: Math.min(lowest, before?.lowest ?? lowest),
      highest: Math.max(highest, before?.highest ?? highest),
    });
  };
  for await (const { images, size } of batches) {
    tf.tidy(() => {
      const x = tf.tensor4d(images, [size, height, width, channels]);
      see('input', x);
      model.infer(x, see);
    });
  }
  return ranges;
}
