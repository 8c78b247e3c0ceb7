import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { FileError } from './error.js';
import { openForReading, rethrow, sizeOfRegular } from './read.js';

export interface FileDigest {
  /** Of the whole file. */
  readonly size: number;
  /** Of its first bytes, as far as was asked for, 64 hexadecimal digits. */
  readonly sha256: string;
}

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
