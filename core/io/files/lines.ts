import { closeSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { FileError } from './error.js';
import { openForReading, rethrow } from './read.js';

const CHUNK = 2 ** 20;

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
