/**
 * Names and folders: paths that stay inside a folder, and folders made one by one.
 */
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FileError, systemCode } from './error.js';

/** Whether a name is that of one file or folder, and stays where it is put on every system. */
export const isPlainName = (name: string): boolean =>
  /^[^\0/\\:]{1,200}$/.test(name) && name !== '.' && name !== '..' && !name.endsWith(' ') && !name.endsWith('.');

/**
 * The path of `parts` below `root`, none of them a symbolic link: what is read there is what lies in the folder.
 *
 * @throws FileError naming the first part that is a link, or that is not a plain name.
 */
export function pathInside(root: string, ...parts: readonly string[]): string {
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    if (!isPlainName(part)) throw new FileError(path, 'the name does not stay inside its folder');
    if (isLink(path)) throw new FileError(path, 'is a symbolic link; put the file or folder itself there');
  }
  return path;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch (error) {
    // Whoever opens it says what is wrong with it.
    if (systemCode(error) !== undefined) return false;
    throw error;
  }
}

/**
 * Makes a folder and those above it that are missing, one by one from the first that is there. (Node's own `recursive` never comes back
 * where the system says that a parent is missing which it has just made, as in /proc.)
 *
 * @throws FileError naming the folder that cannot be made
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  let at = resolve(path);
  for (; statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process may have made it in the meantime.
      if (systemCode(error) === 'EEXIST') continue;
      throw new FileError(folder, `cannot be made: ${(error as Error).message}`, { cause: error });
    }
  }
}
