import { lstatSync } from 'node:fs';
import { join } from 'node:path';
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
