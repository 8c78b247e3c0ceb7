import type { Plugin } from '../contracts/plugin.js';
import type { RunConfig } from './schema.js';

/** A config as a file or a preset holds it. Every key is optional there, since what it extends may bring the others. */
export type ConfigFile = Partial<RunConfig> & {
  readonly $schema?: string;
  /** Presets, paths or objects that this config stands on, left to right. */
  readonly extends?: string | ConfigFile | readonly (string | ConfigFile)[];
  /** Plugin packages, paths or objects. Those of the presets it extends are there too. */
  readonly plugins?: readonly (string | Plugin)[];
};

/** Returns what it was given: it exists so that an editor knows what is being written. */
export const defineConfig = (config: ConfigFile): ConfigFile => config;
