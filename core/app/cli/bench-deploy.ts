import { benchDeploy } from '../bench/deploy.js';
import { deployTable } from '../bench/table.js';
import type { BenchCommandOptions } from './bench.js';
import { imageSize } from './checkpoint-options.js';
import { UsageError } from './failure.js';

/** Measures a deployed network: latency, throughput, memory and size. */
export async function runDeployBench(
  run: string,
  { engine = [], time, json, image, trustPlugins }: BenchCommandOptions,
): Promise<void> {
  if (engine.length > 1)
    throw new UsageError(`--engine ${engine.join(',')}: expected one engine beside --deploy, or none for the fastest`);
  const warn = (message: string): void => void process.stderr.write(`warning: ${message}\n`);
  const report = await benchDeploy(run, {
    milliseconds: time,
    engine: engine[0],
    size: image === undefined ? undefined : imageSize(image, '--image'),
    trustPlugins,
    warn,
  });
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : deployTable(report));
}
