import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError, type ConfigProblem } from '../../../core/config/problem.js';
import { loadConfig, type LoadedConfig, type LoadOptions } from '../../../core/config/load.js';
import { temporaryFolder } from '../run/tiny.js';

/** What every config of these tests needs and does not talk about. */
export const REST = { dataset: 'synthetic', backbone: 'vgg' };

/** A folder with files: what is no text is written as JSON. */
export function project(files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

/** Loads a config of a project, as a command started in it does. */
export const load = (
  files: Readonly<Record<string, unknown>>,
  source?: string | object,
  options: LoadOptions = {},
): Promise<LoadedConfig> => loadConfig(source, { cwd: project(files), ...options });

/** Everything that is wrong with a config. */
export async function problemsOf(loading: Promise<unknown>): Promise<readonly ConfigProblem[]> {
  try {
    await loading;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('there is nothing wrong with this config');
}
