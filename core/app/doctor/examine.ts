import * as tf from '@tensorflow/tfjs-core';
import { createRunContainer } from '../../config/container/plugins.js';
import { convolve } from '../../engine/index.js';

/** What is known of one engine on this machine. */
export interface EngineReport {
  readonly engine: string;
  readonly available: boolean;
  readonly device?: string;
  readonly versions?: Readonly<Record<string, string>>;
  /** Billions of floating-point operations a second in a 3x3 convolution, 32 to 32 channels, 32x32 pixels, 8 images. */
  readonly gflops?: number;
  readonly reason?: string;
  readonly install?: string;
}

/** Starts an engine in this process and times it. */
export async function examine(name: string): Promise<EngineReport> {
  const { registry } = await createRunContainer();
  const engine = registry.part('engine', name);
  const options = engine.options.parse({});
  const probe = await engine.probe(options);
  if (!probe.available) return { engine: name, ...probe };
  const session = await engine.start(options);
  const gflops = await convolutionSpeed();
  await session.stop();
  return { engine: name, available: true, device: session.device, versions: session.versions, gflops };
}

async function convolutionSpeed(): Promise<number> {
  const [batch, size, channels, kernel] = [8, 32, 32, 3];
  const x = tf.randomNormal([batch, size, size, channels], 0, 1, 'float32', 1) as tf.Tensor4D;
  const weights = tf.randomNormal([kernel, kernel, channels, channels], 0, 1, 'float32', 2) as tf.Tensor4D;
  const once = async (): Promise<number> => {
    const began = performance.now();
    const y = convolve(x, weights, { stride: 1, padding: [1, 1], groups: 1 });
    await y.data();
    y.dispose();
    return performance.now() - began;
  };
  await once();
  const times: number[] = [];
  const began = performance.now();
  // Long enough for an engine to find out how its threads have to wait.
  while (times.length < 7 || performance.now() - began < 800) times.push(await once());
  tf.dispose([x, weights]);
  // What it does beside whatever else the machine is doing, once it has settled: a run meets the same.
  const settled = times.slice(times.length >> 1).sort((a, b) => a - b);
  const median = settled[settled.length >> 1] as number;
  return (2 * batch * size * size * channels * channels * kernel * kernel) / median / 1e6;
}
