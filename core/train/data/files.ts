import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/**
 * Opens a regular file and hands on what it is and how large, so that sizes can be checked before memory is taken.
 *
 * @param advice What to do when the file is not there, as the end of a sentence.
 * @throws Error naming the file when it is missing, cannot be read or is no regular file.
 */
export async function withFile<Result>(
  path: string,
  advice: string,
  use: (file: FileHandle, size: number) => Promise<Result>,
): Promise<Result> {
  // Not blocking: opening a pipe would wait for its other end.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    const found = error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 'there is no such file' : error.message;
    throw new Error(`${path}: ${found}; ${advice}`, { cause: error });
  });
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error(`${path}: found a folder or device; expected a file; ${advice}`);
    return await use(file, status.size);
  } finally {
    await file.close();
  }
}

/** Fills `target` from the file. @throws Error when the file ends early, as it does when it is cut while being read. */
export async function readInto(file: FileHandle, path: string, target: Uint8Array, position = 0): Promise<void> {
  let filled = 0;
  while (filled < target.length) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) {
      throw new Error(`${path}: ends at byte ${position + filled}; expected ${position + target.length} bytes`);
    }
    filled += bytesRead;
  }
}
