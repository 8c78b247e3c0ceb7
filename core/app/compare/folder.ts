import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileError, isTemporary, makeFolder, removeFolder, removeTemporaries } from '../../io/files/index.js';
import { LOCK, REPORT_FILES } from '../../run/folder/layout.js';
import { lockFolder } from '../../run/folder/lock.js';
import { hasDescription } from './description.js';
import { COMPARISON } from './layout.js';

export interface ComparisonFolderOptions {
  /** Replace the comparison that is there. */
  readonly force: boolean;
  /** Go on with the comparison that is there. */
  readonly resume: boolean;
}

const WRITTEN: readonly string[] = [...Object.values(COMPARISON), ...Object.values(REPORT_FILES)];

/**
 * Makes a comparison's folder, or enters it again, and keeps other processes out.
 *
 * @returns what lets them in again
 * @throws FileError when the folder is in use for something else; LockedError when another process works in it.
 */
export function enterFolder(folder: string, { force, resume }: ComparisonFolderOptions): () => void {
  makeFolder(folder);
  const { release } = lockFolder(folder);
  try {
    removeTemporaries(folder);
    const there = hasDescription(folder);
    const foreign = readdirSync(folder).find((entry) => !isOurs(entry, there));
    if (!there && foreign !== undefined)
      throw new FileError(folder, `is no comparison's folder: it holds '${foreign}'; give another one`);
    if (!there && resume) throw new FileError(folder, 'there is no comparison to resume');
    if (there && !resume && !force)
      throw new FileError(
        folder,
        'holds a comparison already; give --resume to go on with it, --force to replace it, or another --out',
      );
    if (force) for (const name of WRITTEN) removeFolder(join(folder, name));
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/** The folders inside. After the description is written: without it nobody would know whose they are. */
export function makeFolders(folder: string): void {
  for (const name of [COMPARISON.runs, COMPARISON.clocks, COMPARISON.logs]) makeFolder(join(folder, name));
}

const isOurs = (entry: string, there: boolean): boolean =>
  entry.startsWith(LOCK) || isTemporary(entry) || (there && WRITTEN.includes(entry));
