import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { FileError, systemCode } from './error.js';

/** Node 20's largest buffer. */
const LARGEST = 2 ** 32 - 1;

/** What each of these says of the file. Anything else (too many open files, say) says something of the machine and is thrown as it is. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'is missing',
  ENOTDIR: 'is missing: a part of its path is no folder',
  EISDIR: 'is a folder; expected a file',
  ELOOP: 'is a symbolic link; expected a file',
  EMLINK: 'is a symbolic link; expected a file',
  ENXIO: 'is no regular file',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EIO: 'cannot be read: the device reports an error',
};

/** @throws FileError when the error is about the file; the error itself otherwise. */
export function rethrow(path: string, error: unknown): never {
  const problem = PROBLEMS[systemCode(error) ?? ''];
  throw problem ? new FileError(path, problem, { cause: error }) : error;
}

/**
 * The bytes of a regular file. A symbolic link in its place is refused, not followed.
 *
 * @throws FileError naming the file, and what is wrong with it.
 */
export function readBytes(path: string, { maxBytes = LARGEST }: { readonly maxBytes?: number } = {}): Uint8Array {
  const file = openForReading(path);
  try {
    const size = sizeOfRegular(file, path);
    if (size > maxBytes) throw new FileError(path, `has ${size} bytes; expected at most ${maxBytes}`);
    // A buffer of its own: views on it are aligned, and it can be handed to another thread.
    const bytes = Buffer.allocUnsafeSlow(size);
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(file, bytes, read, Math.min(bytes.length - read, 2 ** 30), read);
      if (count === 0) throw new FileError(path, `ends after ${read} bytes; expected ${bytes.length}`);
      read += count;
    }
    return bytes;
  } catch (error) {
    if (error instanceof FileError) throw error;
    return rethrow(path, error);
  } finally {
    closeSync(file);
  }
}

/** Bytes of an open file. @throws FileError when it is no regular one. */
export function sizeOfRegular(file: number, path: string): number {
  const status = fstatSync(file);
  if (status.isDirectory()) throw new FileError(path, 'is a folder; expected a file');
  if (!status.isFile()) throw new FileError(path, 'is no regular file');
  return status.size;
}

/** Opens a file, no symbolic link. @throws FileError naming it. */
export function openForReading(path: string): number {
  try {
    // Not blocking: opening a pipe would wait for its other end.
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return rethrow(path, error);
  }
}
