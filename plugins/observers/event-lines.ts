import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { FileError, rethrow } from '../../core/io/files/index.js';

/** A text file with one line an event, which a resumed run goes on with. */
export interface EventLines {
  /** Writes a line at once: what a process has written survives its being killed. */
  append(line: string): void;
  close(): void;
}

export interface EventLinesOptions {
  readonly path: string;
  /** Sequence number of the first event to come; lines from it on are cut off. */
  readonly firstSequence: number;
  /** First line of the file. @default none */
  readonly header?: string;
  /** The number of the event a line was written for; absent when it is no line of ours. */
  sequenceOf(line: string): number | undefined;
}

/** How the file ends after it was cut. */
export interface KeptLines {
  readonly lines: EventLines;
  /** Sequence number of the last event kept; absent where none is. */
  readonly last: number | undefined;
}

/**
 * Opens a file of events, cut to the whole lines in ascending order that come before `firstSequence`.
 *
 * @throws FileError when it cannot be read or written.
 */
export function openEventLines({ path, firstSequence, header, sequenceOf }: EventLinesOptions): KeptLines {
  const file = open(path);
  let end = 0;
  let last: number | undefined;
  for (const { line, next } of wholeLines(file)) {
    if (header !== undefined && end === 0 && line === header) {
      end = next;
      continue;
    }
    const sequence = sequenceOf(line);
    if (sequence === undefined || sequence >= firstSequence || sequence <= (last ?? -1)) break;
    if (header !== undefined && end === 0) break;
    [end, last] = [next, sequence];
  }
  ftruncateSync(file, end);
  const append = (line: string): void => {
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(file, bytes, written, bytes.length - written, end + written);
      }
    } catch (error) {
      throw new FileError(path, `cannot be written: ${(error as Error).message}`, { cause: error });
    }
    end += bytes.length;
  };
  if (header !== undefined && end === 0) append(header);
  const close = (): void => {
    fsyncSync(file);
    closeSync(file);
  };
  return { lines: { append, close }, last };
}

function open(path: string): number {
  try {
    const file = openSync(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o666);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    throw new Error(`${path}: is no regular file`);
  } catch (error) {
    return rethrow(path, error);
  }
}

/** Bytes; an event has some thousand at most, and what comes after a longer line is none of ours. */
const LONGEST = 2 ** 24;

/** Lines that end in a line feed, each with the place of the line after it; up to one that is too long for an event. */
function* wholeLines(file: number): Generator<{ readonly line: string; readonly next: number }> {
  const chunk = Buffer.alloc(2 ** 18);
  let rest = Buffer.alloc(0);
  let next = 0;
  for (let at = 0, read = 0; ; at += read) {
    read = readSync(file, chunk, 0, chunk.length, at);
    if (read === 0) return;
    rest = Buffer.concat([rest, chunk.subarray(0, read)]);
    let start = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      next += end + 1 - start;
      yield { line: rest.toString('utf8', start, end), next };
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > LONGEST) return;
  }
}
