import * as tf from '@tensorflow/tfjs-core';
import type { FusedNetwork } from '../../contracts/exporter.js';
import { FusedModel } from '../../reparam/network/fuse.js';
import type { Supernet } from '../../reparam/network/supernet.js';
import { UnfusedModel } from '../../reparam/network/unfused-model.js';
import { type Latency, timeInTurns, type Timing } from '../timing/index.js';

/**
 * Times inference of a trained network and of the one it folds into, in turns, on the current engine, one image at a time. Both
 * hold their numbers as constants and convolve on the same kernel.
 */
export async function measureLatency(
  supernet: Supernet,
  network: FusedNetwork,
  milliseconds: number,
): Promise<Latency> {
  const batch = 1;
  const image = tf.randomNormal([batch, ...supernet.graph.input], 0, 1, 'float32', 1) as tf.Tensor4D;
  const fused = new FusedModel(network);
  const unfused = new UnfusedModel(supernet);
  const run = async (infer: () => tf.Tensor): Promise<void> => {
    const logits = tf.tidy(infer);
    await logits.data();
    logits.dispose();
  };
  try {
    const timings = await timeInTurns(
      { unfused: () => run(() => unfused.infer(image)), fused: () => run(() => fused.infer(image)) },
      { milliseconds },
    );
    return { batch, unfused: timings['unfused'] as Timing, fused: timings['fused'] as Timing };
  } finally {
    image.dispose();
    fused.dispose();
    unfused.dispose();
  }
}
