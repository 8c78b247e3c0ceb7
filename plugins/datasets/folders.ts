import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/**
 * The folder that a dataset lies in: the given one, or the one inside it that has the set's own name.
 *
 * @throws Error naming the folder when it is missing or is a file.
 */
export async function datasetFolder(base: string, path: string, advice: string, own = '.'): Promise<string> {
  const folder = resolve(base, path);
  const status = await stat(folder).catch(() => undefined);
  if (!status) throw new Error(`${folder}: there is no such folder; ${advice}`);
  if (!status.isDirectory()) throw new Error(`${folder}: found a file; expected a folder; ${advice}`);
  const inner = join(folder, own);
  return (await stat(inner).catch(() => undefined))?.isDirectory() ? inner : folder;
}
