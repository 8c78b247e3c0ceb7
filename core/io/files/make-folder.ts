import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FileError, systemCode } from './error.js';

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
