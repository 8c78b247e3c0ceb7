export {
  configSchema,
  examineEngines,
  fetchDataset,
  importCheckpoint,
  initProject,
  loadConfig,
  loadPlugins,
} from './api.js';
export { type ComparisonFile, defineComparison } from './app/compare/define.js';
export { type ConfigFile, defineConfig, type Several } from './config/define.js';
export type { LoadedConfig, LoadedPlugins, LoadOptions, PluginPlace } from './config/load.js';
export type { JsonSchema } from './config/json-schema.js';
export type { KnownPlugins } from './config/known-plugins.js';
export { ConfigError, type ConfigProblem, type ProblemCode } from './config/problem.js';
export type { PartChoice, ResolvedConfig, RunConfig } from './config/schema.js';
export type { Registered, Registry } from './config/container/registry.js';
export type { Services } from './config/container/services.js';
export * from './contracts/index.js';
export type { Conversion, ConvertOptions, Target, WrittenExport } from './app/convert/conversion.js';
export type { ExamineOptions } from './app/doctor/engines.js';
export type { EngineReport } from './app/doctor/examine.js';
export { ExportError } from './io/export/error.js';
export { DownloadError } from './io/fetch/error.js';
export type { FetchOptions } from './app/fetch/by-name.js';
export { FileError } from './io/files/error.js';
export type { ImportOptions } from './io/import/options.js';
export type { InitOptions, NewProject, StartingPoint } from './app/init/project.js';
export type { ByStage } from './io/import/options.js';
export type { Basis, BlocksCertificate, Certificate, ExpectedDifference } from './reparam/certificate/difference.js';
export type { Difference } from './reparam/certificate/difference.js';
export { CertificateError } from './run/errors.js';
export { type ConfigChange, ConfigChangedError } from './run/folder/changes.js';
export { NoEngineError } from './run/engine.js';
export { LockedError, type LockHolder } from './run/errors.js';
export type { RunParts } from './config/run-parts.js';
export { RefusedError } from './run/errors.js';
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
export { DivergedError } from './train/errors.js';
