export { defineConfig } from './config/define.js';
export { type LoadedConfig, type LoadOptions, loadConfig } from './config/load.js';
export { ConfigError, type ConfigProblem } from './config/problem.js';
export type { PartChoice, ResolvedConfig, RunConfig } from './config/schema.js';
export * from './contracts/index.js';
export type { Certificate, Difference } from './network/certificate.js';
export type { NetworkCost, RunResult, TrainingResult } from './run/result.js';
export { createRun, InterruptedError, type Run, type RunOptions } from './run/run.js';
