import { list, type ReadEntry } from 'tar';
import { FileError, isPlainName } from '../files/index.js';

/** Unpacked, all files together: they are held in memory until all of them are there. */
const MOST_BYTES = 2 ** 31;

/**
 * The files of one folder of a tar archive, packed or not, by name. Nothing is written, so nothing of the archive can land
 * anywhere.
 *
 * @throws FileError when an entry has a path that leads out of the archive's folder, or is neither a file nor a folder, or when
 * unpacked they are larger than 2 GiB (a small archive can hold far more).
 */
export async function filesInArchive(archive: string, folder: string): Promise<Map<string, Uint8Array>> {
  const found: Promise<readonly [string, Uint8Array]>[] = [];
  let refused: FileError | undefined;
  let bytes = 0;
  await list({
    file: archive,
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      bytes += entry.size;
      refused ??= refusal(archive, entry) ?? tooLarge(archive, bytes);
      const [first, name, ...rest] = entry.path.split('/');
      const wanted = !refused && entry.type !== 'Directory' && first === folder && name && rest.length === 0;
      if (wanted) found.push(entry.concat().then((bytes) => [name, bytes as Uint8Array] as const));
      else entry.resume();
    },
  }).catch((error: unknown) => {
    // One that was refused is not read to its end, and may have none.
    if (refused) throw refused;
    throw new FileError(archive, `is no archive that can be unpacked: ${(error as Error).message}`, { cause: error });
  });
  if (refused) throw refused;
  return new Map(await Promise.all(found));
}

const tooLarge = (archive: string, bytes: number): FileError | undefined =>
  bytes > MOST_BYTES
    ? new FileError(
        archive,
        `holds more than ${MOST_BYTES} bytes when it is unpacked; no data set of this kind has as many`,
      )
    : undefined;

const KINDS = ['File', 'OldFile', 'ContiguousFile', 'Directory'];

function refusal(archive: string, { path, type }: ReadEntry): FileError | undefined {
  const parts = path.replace(/\/$/, '').split('/');
  if (!parts.every(isPlainName)) return new FileError(archive, `has an entry '${path}', which leads out of its folder`);
  if (!KINDS.includes(type))
    return new FileError(archive, `has an entry '${path}' of type ${type}; expected files and folders`);
  return undefined;
}
