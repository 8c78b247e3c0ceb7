import type { ConfigFile } from './config/define.js';
import type { LoadedConfig, LoadedPlugins, LoadOptions } from './config/load.js';

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
