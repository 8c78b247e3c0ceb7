import type { ConfigFile } from './config/define.js';
import type { JsonSchema } from './config/json-schema.js';
import type { LoadedConfig, LoadedPlugins, LoadOptions } from './config/load.js';
import type { Conversion, ConvertOptions } from './app/convert/conversion.js';
import type { ExamineOptions } from './app/doctor/engines.js';
import type { EngineReport } from './app/doctor/examine.js';
import type { FetchOptions } from './app/fetch/by-name.js';
import type { InitOptions, NewProject, StartingPoint } from './app/init/project.js';

// Each loads its code when it is called: importing the package reads no schemas and no plugins, and is quick.

/**
 * Reads a config: its file or preset, what it extends, and the plugins it lists; validates all of it.
 * @param source Name of a preset, path of a file, a config as an object; absent: the nearest config file.
 * @throws ConfigError with every problem at once.
 */
export async function loadConfig(source?: string | ConfigFile, options?: LoadOptions): Promise<LoadedConfig> {
  const load = await import('./config/load.js');
  return load.loadConfig(source, options);
}

/** The parts that a config could name, whatever the config itself is worth. Without a source and a config file: the built-in ones. */
export async function loadPlugins(source?: string | ConfigFile, options?: LoadOptions): Promise<LoadedPlugins> {
  const load = await import('./config/load.js');
  return load.loadPlugins(source, options);
}

/**
 * The JSON Schema of a config file, with the options of every part that it could name: what `repnas schema` writes.
 * @throws ConfigError when a plugin that the config lists cannot be used.
 */
export async function configSchema(source?: string | ConfigFile, options?: LoadOptions): Promise<JsonSchema> {
  const [load, schema, { ConfigError }] = await Promise.all([
    import('./config/load.js'),
    import('./config/config-schema.js'),
    import('./config/problem.js'),
  ]);
  const { registry, problems } = await load.loadPlugins(source, options);
  if (problems.length > 0) throw new ConfigError(problems);
  return schema.configSchema(registry);
}

/**
 * Which engines this machine can run, on which device, how fast, and what to install for a faster one: what `repnas doctor` says.
 * @throws Error for a name that no engine has.
 */
export async function examineEngines(options?: ExamineOptions): Promise<EngineReport[]> {
  const doctor = await import('./app/doctor/engines.js');
  return doctor.examineEngines(options);
}

/**
 * Folds a published multi-branch checkpoint, proves it, and writes it in other formats: what `repnas import` and `repnas fuse
 * CHECKPOINT` do.
 * @param path A safetensors or PyTorch file; nothing in it is run.
 * @throws FileError when it is damaged; CertificateError when folding would change what the network computes; ExportError when a
 *   program that reads a format computes something else. Nothing is written then.
 */
export async function importCheckpoint(path: string, options?: ConvertOptions): Promise<Conversion> {
  const convert = await import('./app/convert/convert.js');
  return convert.convertCheckpoint(path, options);
}

/**
 * Fetches a data set, checked by SHA-256: what `repnas data get` does.
 * @returns The folder that `dataset.path` takes, and whether it had to be fetched.
 */
export async function fetchDataset(
  name: string,
  options?: FetchOptions,
): Promise<{ readonly folder: string; readonly fetched: boolean }> {
  const fetch = await import('./app/fetch/by-name.js');
  return fetch.fetchDataset(name, options);
}

/**
 * Writes a small project that works as it is, a config or a part with its test: what `repnas init` does.
 * @param kind 'config', 'branch-op', 'strategy', 'dataset' or 'observer'.
 * @param name Lower-case words joined by hyphens; the new folder is called by it.
 * @throws RefusedError for another kind or name, or when the folder holds something already. Nothing is written then.
 */
export async function initProject(kind: StartingPoint, name: string, options?: InitOptions): Promise<NewProject> {
  const init = await import('./app/init/project.js');
  return init.initProject(kind, name, options);
}
