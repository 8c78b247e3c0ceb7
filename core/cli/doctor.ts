import * as tf from '@tensorflow/tfjs-core';
import { nearest } from '../container/describe.js';
import { createRunContainer } from '../container/plugins.js';
import type { Engine } from '../contracts/engine.js';
import { convolve } from '../ops/index.js';
import { UsageError } from './failure.js';

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

async function engines(): Promise<Engine[]> {
  const { registry } = await createRunContainer();
  return registry
    .parts('engine')
    .map(({ part }) => part)
    .sort((a, b) => a.order - b.order);
}

/** In the order in which `engine: auto` asks them. */
export const engineNames = async (): Promise<string[]> => (await engines()).map(({ name }) => name);

export async function examine(name: string): Promise<EngineReport> {
  const all = await engines();
  const engine = all.find((candidate) => candidate.name === name);
  if (!engine) {
    const names = all.map((candidate) => candidate.name);
    throw new UsageError(
      `there is no engine '${name}'; expected one of ${names.join(', ')}. ${nearest(name, names) ?? ''}`,
    );
  }
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
  for (let turn = 0; turn < 7; turn++) times.push(await once());
  tf.dispose([x, weights]);
  // The fastest is what the engine can do; the others say what else the machine was doing.
  return (2 * batch * size * size * channels * channels * kernel * kernel) / Math.min(...times) / 1e6;
}

/** A line an engine, and which one `auto` would take. */
export function verdicts(reports: readonly EngineReport[]): string {
  const width = Math.max(...reports.map(({ engine }) => engine.length));
  const lines = reports.map((report) =>
    report.available
      ? `${report.engine.padEnd(width)}  ${report.device}: ${(report.gflops ?? 0).toFixed(1)} GFLOP/s in a 3x3 convolution`
      : `${report.engine.padEnd(width)}  not here: ${report.reason}; ${report.install}`,
  );
  const first = reports.find(({ available }) => available);
  return `${lines.join('\n')}\nengine: auto takes ${first ? first.engine : 'none of them'}\n`;
}
