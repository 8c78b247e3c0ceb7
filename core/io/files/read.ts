/**
 * Reading regular files: whole, in parts, line by line, and as a digest. Every error names the file and what is wrong with it.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
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

export interface FileDigest {
  /** Of the whole file. */
  readonly size: number;
  /** Of its first bytes, as far as was asked for, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Bytes to read at a time. */
const CHUNK = 2 ** 20;

/**
 * SHA-256 of a regular file, or of its first bytes, read a piece at a time: logs of events may be larger than memory. A symbolic
 * link in its place is refused, not followed.
 *
 * @throws FileError naming the file, and what is wrong with it.
 */
export function digestFile(path: string, most: number = Number.POSITIVE_INFINITY): FileDigest {
  const file = openForReading(path);
  try {
    const size = sizeOfRegular(file, path);
    const wanted = Math.min(size, most);
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (let read = 0; read < wanted; ) {
      const count = readSync(file, chunk, 0, Math.min(CHUNK, wanted - read), read);
      if (count === 0) throw new FileError(path, `ends after ${read} bytes; expected ${wanted}`);
      hash.update(chunk.subarray(0, count));
      read += count;
    }
    return { size, sha256: hash.digest('hex') };
  } catch (error) {
    if (error instanceof FileError) throw error;
    return rethrow(path, error);
  } finally {
    closeSync(file);
  }
}

/** SHA-256 of the bytes, 64 hexadecimal digits. */
export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Characters; what this package writes has some thousand a line. */
const LONGEST = 2 ** 24;

/**
 * The lines of a text file, one after another and not all in memory: files of events grow to gigabytes.
 *
 * @throws FileError when the file cannot be read, is a symbolic link, or a line has more than 16 Mi characters.
 */
export function* readLines(path: string): Generator<string> {
  const file = openForReading(path);
  try {
    const bytes = Buffer.allocUnsafe(CHUNK);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (let read = next(path, file, bytes); read > 0; read = next(path, file, bytes)) {
      const lines = (rest + decoder.write(bytes.subarray(0, read))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length > LONGEST) throw new FileError(path, `has a line of more than ${LONGEST} characters`);
    }
    rest += decoder.end();
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}

function next(path: string, file: number, bytes: Buffer): number {
  try {
    return readSync(file, bytes);
  } catch (error) {
    return rethrow(path, error);
  }
}
