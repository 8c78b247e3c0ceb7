export {
  configSchema,
  examineEngines,
  fetchDataset,
  importCheckpoint,
  initProject,
  loadConfig,
  loadPlugins,
} from './api.js';
export { type ComparisonFile, defineComparison } from './compare/define.js';
export { type ConfigFile, defineConfig, type Several } from './config/define.js';
export type { LoadedConfig, LoadedPlugins, LoadOptions, PluginPlace } from './config/load.js';
export type { JsonSchema } from './config/json-schema.js';
export type { KnownPlugins } from './config/known-plugins.js';
export { ConfigError, type ConfigProblem, type ProblemCode } from './config/problem.js';
export type { PartChoice, ResolvedConfig, RunConfig } from './config/schema.js';
export type { Registered, Registry } from './container/registry.js';
export * from './contracts/index.js';
export type { Conversion, ConvertOptions, Target, WrittenExport } from './convert/conversion.js';
export type { ExamineOptions } from './doctor/engines.js';
export type { EngineReport } from './doctor/examine.js';
export type { ExportChecked } from './export/checked.js';
export { ExportError } from './export/error.js';
export { DownloadError } from './fetch/error.js';
export type { FetchOptions } from './fetch/by-name.js';
export { FileError } from './files/error.js';
export type { ImportOptions } from './import/options.js';
export type { InitOptions, NewProject, StartingPoint } from './init/project.js';
export type { BlocksCertificate, Certificate } from './network/certified.js';
export type { Difference } from './network/difference.js';
export { CertificateError } from './run/certificate-error.js';
export { type ConfigChange, ConfigChangedError } from './run/changes.js';
export { NoEngineError } from './run/engine.js';
export { LockedError, type LockHolder } from './run/locked.js';
export type { RunParts } from './run/parts.js';
export { RefusedError } from './run/refused.js';
export type { NetworkCost, RunResult, TrainingResult } from './run/result.js';
export {
  createFinish,
  createRun,
  createSearch,
  type FinishedRun,
  type FinishOptions,
  InterruptedError,
  type Run,
  type RunOptions,
  type SearchResult,
} from './run/run.js';
export { DivergedError } from './training/diverged-error.js';
