import { z } from 'zod';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { FileError, pathInside, readJson } from '../files/index.js';
import { RUN_FILES } from './layout.js';

const saved = z.object({
  config: z.record(z.string(), z.unknown()),
  plugins: z.array(z.string()).default([]),
  folder: z.string(),
});

/** Loads the config that a run was made with from its folder, with values laid over it. @throws FileError when the folder holds none. */
export function loadSavedConfig(runFolder: string, set: readonly string[] = []): Promise<LoadedConfig> {
  const path = pathInside(runFolder, RUN_FILES.config);
  const result = saved.safeParse(readJson(path));
  if (!result.success) throw new FileError(path, 'holds no config of a run');
  const { config, plugins, folder } = result.data;
  return loadConfig({ ...config, plugins }, { set, resolved: true, cwd: folder });
}
