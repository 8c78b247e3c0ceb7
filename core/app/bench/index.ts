/**
 * Times of training and inference, and figures of deployment.
 * @module repnas/bench
 */
import type { LoadedConfig } from '../../config/load.js';
import type { BenchOptions, BenchReport, DeployOptions, DeployReport } from './report.js';

export { deployTable } from './table.js';
export type { Timing } from '../timing/index.js';
export {
  BATCHES,
  type BenchEntry,
  type BenchOptions,
  type BenchReport,
  type BlockSize,
  type DeployEntry,
  type DeployOptions,
  type DeployReport,
  type DeploySource,
  GROUPS,
  type Group,
  type Measure,
  MEASURES,
  type MeasuredTiming,
  type Skipped,
} from './report.js';
export { benchTables } from './table.js';

// Each loads its code when it is called.

/** Times training steps and inference, fused and unfused, on the config's engine: what `repnas bench` does. @throws NoEngineError when it cannot run here. */
export async function bench(loaded: LoadedConfig, options: BenchOptions): Promise<BenchReport> {
  const measured = await import('./bench.js');
  return measured.bench(loaded, options);
}

/**
 * Latency, throughput, memory and size of a network where it is used: what `repnas bench --deploy` does.
 * @param model A run folder, a checkpoint, or an exported model.
 */
export async function benchDeploy(model: string, options: DeployOptions): Promise<DeployReport> {
  const measured = await import('./deploy.js');
  return measured.benchDeploy(model, options);
}
