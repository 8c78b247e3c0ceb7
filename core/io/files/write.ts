import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FileContent } from '../../contracts/file.js';
import { partsOf } from './content.js';
import { FileError, systemCode } from './error.js';
import { isPlainName } from './names.js';

/** Files by path relative to a folder, parts joined by `/`. */
export type FileSet = ReadonlyMap<string, FileContent>;

/**
 * Puts a file in place as a whole or not at all, also when the power fails: temporary name, fsync, rename, fsync of the
 * folder. (write-file-atomic does not sync the folder, and takes a short write on a full disk for a whole one.)
 *
 * @throws FileError when it cannot be written; what was there before is then still there.
 */
export function writeFileAtomic(path: string, data: FileContent): void {
  const temporary = temporaryName(path);
  attempt(path, () => {
    try {
      writeNew(temporary, data);
      renameSync(temporary, path);
    } catch (error) {
      discard(temporary);
      throw error;
    }
    syncFolder(dirname(path));
  });
}

/**
 * Puts a folder of files in place as a whole or not at all. A folder that is there already is replaced.
 *
 * @throws FileError when it cannot be written, or a file's path leaves the folder.
 */
export function writeFolderAtomic(path: string, files: FileSet): void {
  const temporary = temporaryName(path);
  attempt(path, () => {
    try {
      fillNew(temporary, files);
      replaceFolder(temporary, path);
    } catch (error) {
      discard(temporary);
      throw error;
    }
  });
}

/**
 * As {@link writeFolderAtomic}, but the folder is put in its place only after `check` has looked at it where it was built.
 *
 * @param only the one file of the folder that is put at `path` instead of the folder itself
 * @throws FileError when it cannot be written; whatever `check` throws.
 */
export async function writeChecked(
  path: string,
  files: FileSet,
  check: (folder: string) => Promise<void>,
  only?: string,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    attempt(path, () => fillNew(temporary, files));
    await check(temporary);
    attempt(path, () => {
      if (only === undefined) return replaceFolder(temporary, path);
      renameSync(join(temporary, only), path);
      syncFolder(dirname(path));
    });
  } finally {
    discard(temporary);
  }
}

function fillNew(folder: string, files: FileSet): void {
  mkdirSync(folder);
  fill(folder, files);
}

function replaceFolder(temporary: string, path: string): void {
  removeFolder(path);
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Removes a folder so that nobody ever sees half of it: it is renamed first. */
export function removeFolder(path: string): void {
  const temporary = temporaryName(path);
  try {
    renameSync(path, temporary);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  discard(temporary);
}

/** Removes what a process that was killed while writing into this folder left behind. */
export function removeTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (TEMPORARY.test(name)) discard(join(folder, name));
  }
}

/** A temporary that cannot be removed (a folder made unreadable, say) is in nobody's way. */
function discard(temporary: string): void {
  try {
    rmSync(temporary, { recursive: true, force: true });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

/** Whether a name is one of those under which files and folders are built. */
export const isTemporary = (name: string): boolean => TEMPORARY.test(name);

/** Makes what was written to a file so far survive a power failure. A file that is not there needs nothing. */
export function syncFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const TEMPORARY = /^\..+\.[0-9a-f]{8}\.tmp$/;

const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);

function fill(folder: string, files: FileSet): void {
  const folders = new Set([folder]);
  for (const [name, data] of files) {
    const parts = name.split('/');
    if (!parts.every(isPlainName)) throw new FileError(join(folder, name), 'the name does not stay inside its folder');
    const path = join(folder, ...parts);
    mkdirSync(dirname(path), { recursive: true });
    for (const [index] of parts.entries()) folders.add(join(folder, ...parts.slice(0, index)));
    writeNew(path, data);
  }
  for (const inner of folders) syncFolder(inner);
}

/** Writes a file that must not exist yet, to the last byte and down to the device. */
function writeNew(path: string, data: FileContent): void {
  const file = openSync(path, 'wx');
  try {
    for (const part of partsOf(data)) writeAll(file, part);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; )
    written += writeSync(file, bytes, written, Math.min(bytes.length - written, 2 ** 30));
}

function syncFolder(folder: string): void {
  // Windows opens no folders, and renames durably enough by itself.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } catch (error) {
    // Some network file systems sync no folders.
    if (systemCode(error) !== 'EINVAL') throw error;
  } finally {
    closeSync(handle);
  }
}

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new FileError(path, `cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
