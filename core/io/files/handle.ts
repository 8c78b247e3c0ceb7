import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FileError } from './error.js';
import { rethrow } from './read.js';

/** Opens a file to read parts of. @throws FileError when it is missing, may not be read, or is no regular file. */
export async function openRegular(path: string): Promise<FileHandle> {
  try {
    // Not blocking: opening a pipe would wait for its other end.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    rethrow(path, error);
  }
  throw new FileError(path, 'is no regular file');
}

/** So many bytes from a place on, in a buffer of their own: views on it are aligned. @param what what the bytes are called, should they end early */
export async function readExactly(
  file: FileHandle,
  path: string,
  start: number,
  length: number,
  what: string,
): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let read = 0; read < length; ) {
    const { bytesRead } = await file.read(bytes, read, Math.min(length - read, 2 ** 30), start + read);
    if (bytesRead === 0) throw new FileError(path, `ends within ${what}`);
    read += bytesRead;
  }
  return bytes;
}
