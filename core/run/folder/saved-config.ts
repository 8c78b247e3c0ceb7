import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { type LoadedConfig, loadConfig } from '../../config/load.js';
import { valueAt } from '../../config/plain.js';
import { readConfigFile } from '../../config/read.js';
import type { Plugin } from '../../contracts/plugin.js';
import { FileError, pathInside, readJson } from '../../io/files/index.js';
import { RUN_FILES } from './layout.js';
import { refuseUntrusted, type Trust } from './trusted-plugins.js';

const place = z.object({ source: z.string(), path: z.string() });

const saved = z.object({
  config: z.record(z.string(), z.unknown()),
  plugins: z.array(z.union([z.string(), place])).default([]),
  folder: z.string(),
});

/**
 * Loads the config that a run was made with from its folder, with values laid over it. A plugin that its config file listed as an
 * object is taken from that file again; one that a program listed has to be given.
 * @throws FileError when the folder holds none, or names a plugin that is not trusted.
 */
export async function loadSavedConfig(
  runFolder: string,
  set: readonly string[] = [],
  given: readonly Plugin[] = [],
  trust: Trust = {},
): Promise<LoadedConfig> {
  const path = pathInside(runFolder, RUN_FILES.config);
  if (!existsSync(path)) throw new FileError(runFolder, `is no folder of a run: it has no ${RUN_FILES.config}`);
  const result = saved.safeParse(readJson(path));
  if (!result.success) throw new FileError(path, 'holds no config of a run');
  const { config, plugins: places, folder } = result.data;
  const sources = places.flatMap((one) =>
    typeof one === 'string' ? [one] : isAbsolute(one.source) ? [one.source] : [],
  );
  await refuseUntrusted(runFolder, sources, folder, trust);
  const plugins: (string | Plugin)[] = [...given];
  for (const one of places) {
    if (typeof one === 'string') plugins.push(one);
    else if (isAbsolute(one.source)) plugins.push(await listedIn(one));
    else if (given.length === 0) {
      throw new FileError(
        path,
        `names a plugin that was given as an object (${one.source}, ${one.path}); give it again`,
      );
    }
  }
  // A run writes its config down whole; one that stands on another file is none that a run wrote.
  const { extends: _, ...own } = config;
  return loadConfig({ ...own, plugins }, { set, resolved: true, cwd: folder });
}

/** Returns the plugin that a config file lists as an object. */
async function listedIn({ source, path }: z.output<typeof place>): Promise<Plugin> {
  const { values } = await readConfigFile(source);
  return valueAt(values, path.split('.')) as Plugin;
}
