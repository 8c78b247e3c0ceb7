import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DatasetArchive } from '../../contracts/dataset.js';
import { FileError, makeFolder, writeFolderAtomic } from '../files/index.js';
import { download, type DownloadOptions } from './download.js';
import { filesInArchive } from './unpack.js';

export interface GetOptions extends DownloadOptions {
  /** Fetch from here instead; it must be the same file. */
  readonly url?: string | undefined;
  /** Fetch although the files are there. @default false */
  readonly force?: boolean | undefined;
}

/**
 * Puts a data set below `folder`, in a folder of its own: as a whole, or not at all. Whatever breaks it off, the next call goes
 * on with what is there of the archive.
 *
 * @returns the folder, and whether it had to be fetched.
 * @throws DownloadError, FileError
 */
export async function getDataset(
  archive: DatasetArchive,
  folder: string,
  { url = archive.url, force = false, ...options }: GetOptions = {},
): Promise<{ readonly folder: string; readonly fetched: boolean }> {
  const target = join(folder, archive.folder);
  if (!force && archive.files.every((name) => existsSync(join(target, name))))
    return { folder: target, fetched: false };
  makeFolder(folder);
  const part = join(folder, `.${basename(new URL(archive.url).pathname)}.part`);
  await download({ ...archive, url }, part, options);
  const files = await filesInArchive(part, archive.folder);
  const missing = archive.files.filter((name) => !files.has(name));
  if (missing.length > 0) throw new FileError(part, `lacks ${missing.join(', ')} in its folder ${archive.folder}`);
  writeFolderAtomic(target, files);
  await rm(part);
  return { folder: target, fetched: true };
}
