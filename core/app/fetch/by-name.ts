import { type LoadOptions, loadPlugins } from '../../config/load.js';
import { makeFolder } from '../../io/files/index.js';
import { lockFolder } from '../../run/folder/lock.js';
import { RefusedError } from '../../run/errors.js';
import { getDataset, type GetOptions } from '../../io/fetch/dataset.js';

/** Where a data set is put, and who is told how far it is. */
export interface FetchOptions extends GetOptions, Pick<LoadOptions, 'cwd'> {
  /** Folder that gets a folder of the set. @default 'data' */
  readonly path?: string | undefined;
  /** Before the first byte: how many there are. */
  readonly onBegin?: (bytes: number) => void;
}

/**
 * Fetches a data set by its name, checked by SHA-256; what broke off goes on where it did.
 *
 * @param name of a built-in data set, or of a plugin that the nearest config lists
 * @returns the folder that `dataset.path` takes, and whether it had to be fetched
 * @throws RefusedError when nothing tells where to fetch it, DownloadError, FileError
 */
export async function fetchDataset(
  name: string,
  { cwd, path = 'data', onBegin, ...options }: FetchOptions = {},
): Promise<{ readonly folder: string; readonly fetched: boolean }> {
  const { registry } = await loadPlugins(undefined, { cwd });
  const archive = registry.find('dataset', name)?.part.archive;
  if (!archive) {
    const known = registry.parts('dataset').flatMap(({ part }) => (part.archive ? [part.name] : []));
    throw new RefusedError(`found '${name}', which nothing tells where to fetch; expected one of ${known.join(', ')}`);
  }
  makeFolder(path);
  // Two processes that append to one file would make neither's.
  const { release } = lockFolder(path);
  try {
    onBegin?.(archive.bytes);
    return await getDataset(archive, path, options);
  } finally {
    release();
  }
}
