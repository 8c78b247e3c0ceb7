import { benchDeploy } from '../bench/deploy.js';
import { deployTable } from '../bench/deploy-table.js';
import type { BenchCommandOptions } from './commands/bench.js';
import { UsageError } from './failure.js';

/** Measures what a finished run's network takes where it is used. */
export async function runDeployBench(run: string, { engine = [], time, json }: BenchCommandOptions): Promise<void> {
  if (engine.length > 1)
    throw new UsageError(`--engine ${engine.join(',')}: expected one engine beside --deploy, or none for the fastest`);
  const warn = (message: string): void => void process.stderr.write(`warning: ${message}\n`);
  const report = await benchDeploy(run, { milliseconds: time, engine: engine[0], warn });
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : deployTable(report));
}
