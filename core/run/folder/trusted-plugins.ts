import { readFileSync, realpathSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { collect } from '../../config/sources.js';
import { FileError, sha256 } from '../../io/files/index.js';

/**
 * Which code a run folder may have run. A folder that came from somewhere else names plugins like one of your own, and a plugin is a
 * program: it runs only where that was asked for, or where your own config lists the very same file, and never out of the folder.
 */
export interface Trust {
  /** Run the plugins that a run folder names. @default false: only those that your own config lists */
  readonly trustPlugins?: boolean | undefined;
  /** Where your own config is looked for. @default process.cwd() */
  readonly cwd?: string | undefined;
  /** Told of every plugin before it runs. */
  warn?(message: string): void;
}

/**
 * @param root the run folder
 * @param listed names of plugins, or files of configs that list them, as the run wrote them down
 * @param folder what relative names are relative to
 * @throws FileError naming the plugin that is not to be run, and what would let it
 */
export async function refuseUntrusted(
  root: string,
  listed: readonly string[],
  folder: string,
  { trustPlugins = false, cwd = process.cwd(), warn = () => {} }: Trust,
): Promise<void> {
  if (listed.length === 0) return;
  const found = (await collect({ plugins: listed }, folder, [])).plugins;
  const files = found.flatMap((plugin) => ('file' in plugin ? [real(plugin.file)] : []));
  const inside = files.find((file) => `${dirname(file)}${sep}`.startsWith(`${real(root)}${sep}`));
  if (inside !== undefined)
    throw new FileError(
      root,
      `names the plugin ${inside}, which lies in the run folder itself; code that comes with data is not run`,
    );
  const own = trustPlugins ? new Set(files) : await ownPlugins(cwd, root);
  const refused = files.find((file) => !own.has(file));
  if (refused !== undefined)
    throw new FileError(
      root,
      `names the plugin ${refused}, a program that would run; if you know it, say so (--trust-plugins), or list it in your own config in ${cwd}`,
    );
  for (const file of files) warn(`runs the plugin ${file} (SHA-256 ${sha256(readFileSync(file))})`);
}

/** The files that the nearest config lists; none where there is no config, or it lies in the run folder. */
async function ownPlugins(cwd: string, root: string): Promise<ReadonlySet<string>> {
  if (`${real(cwd)}${sep}`.startsWith(`${real(root)}${sep}`)) return new Set();
  try {
    const { plugins, files } = await collect(undefined, cwd, []);
    if (files.some((file) => real(file).startsWith(`${real(root)}${sep}`))) return new Set();
    return new Set([...files.map(real), ...plugins.flatMap((plugin) => ('file' in plugin ? [real(plugin.file)] : []))]);
  } catch {
    return new Set();
  }
}

/** Links would make two names of one file. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
