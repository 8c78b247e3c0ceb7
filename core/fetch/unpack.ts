import { list, type ReadEntry } from 'tar';
import { FileError, isPlainName } from '../files/index.js';

/**
 * The files of one folder of a tar archive, packed or not, by name. Nothing is written, so nothing of the archive can land
 * anywhere.
 *
 * @throws FileError when an entry has a path that leads out of the archive's folder, or is neither a file nor a folder.
 */
export async function filesInArchive(archive: string, folder: string): Promise<Map<string, Uint8Array>> {
  const found: Promise<readonly [string, Uint8Array]>[] = [];
  let refused: FileError | undefined;
  await list({
    file: archive,
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      refused ??= refusal(archive, entry);
      const [first, name, ...rest] = entry.path.split('/');
      const wanted = !refused && entry.type !== 'Directory' && first === folder && name && rest.length === 0;
      if (wanted) found.push(entry.concat().then((bytes) => [name, bytes as Uint8Array] as const));
      else entry.resume();
    },
  }).catch((error: unknown) => {
    throw new FileError(archive, `is no archive that can be unpacked: ${(error as Error).message}`, { cause: error });
  });
  if (refused) throw refused;
  return new Map(await Promise.all(found));
}

const KINDS = ['File', 'OldFile', 'ContiguousFile', 'Directory'];

function refusal(archive: string, { path, type }: ReadEntry): FileError | undefined {
  const parts = path.replace(/\/$/, '').split('/');
  if (!parts.every(isPlainName)) return new FileError(archive, `has an entry '${path}', which leads out of its folder`);
  if (!KINDS.includes(type))
    return new FileError(archive, `has an entry '${path}' of type ${type}; expected files and folders`);
  return undefined;
}
