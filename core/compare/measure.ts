import * as tf from '@tensorflow/tfjs-core';
import { Bench } from 'tinybench';
import { FusedModel } from '../network/fused.js';
import type { FusedNetwork } from '../contracts/exporter.js';
import type { Supernet } from '../network/supernet.js';

/** How long one image takes at inference, in milliseconds. */
export interface Latency {
  readonly median: number;
  readonly p99: number;
  readonly samples: number;
}

export interface Latencies {
  readonly batch: number;
  readonly unfused: Latency;
  readonly fused: Latency;
}

/** Inference of a trained network and of the one it folds into, on the current engine, in turns. */
export async function measureLatencies(
  supernet: Supernet,
  network: FusedNetwork,
  milliseconds: number,
): Promise<Latencies> {
  const [height, width, channels] = supernet.graph.input;
  const batch = 1;
  const image = tf.randomNormal([batch, height, width, channels], 0, 1, 'float32', 1) as tf.Tensor4D;
  const fused = new FusedModel(network);
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 5, retainSamples: true });
  const run = async (infer: () => tf.Tensor): Promise<void> => {
    const logits = tf.tidy(infer);
    await logits.data();
    logits.dispose();
  };
  bench.add('unfused', () => run(() => supernet.infer(image)));
  bench.add('fused', () => run(() => fused.infer(image)));
  await bench.run();
  image.dispose();
  fused.dispose();
  const read = (name: string): Latency => {
    const result = bench.getTask(name)?.result as
      | { latency?: { p50?: number; p99?: number; samplesCount?: number } }
      | undefined;
    const { p50 = Number.NaN, p99 = Number.NaN, samplesCount = 0 } = result?.latency ?? {};
    return { median: p50, p99, samples: samplesCount };
  };
  return { batch, unfused: read('unfused'), fused: read('fused') };
}
