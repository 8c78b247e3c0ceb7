import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { FileError, openRegular, readExactly } from '../files/index.js';

/** A zip archive of which no more is unpacked than its bytes allow: no record lies over another, and none swells beyond measure. */
export interface StoredZip {
  /** Bytes of every record by name. */
  readonly records: ReadonlyMap<string, number>;
  /** @throws FileError when there is no such record, or it is damaged. */
  read(name: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Methods of APPNOTE.TXT 4.4.5. */
const [STORED, DEFLATED] = [0, 8];

const MAX_RECORDS = 100_000;

/** Deflate makes at most 1032 bytes of one; text and weights, of which archives here consist, far fewer. */
const MAX_RATIO = 200;

/** What comes before a record's bytes, without its name. */
const LOCAL_HEADER = 30;

const inflate = promisify(inflateRaw) as (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

/** @throws FileError when it is no such archive. */
export async function openStoredZip(path: string): Promise<StoredZip> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    const zip = await archive(
      path,
      fromFdPromise(file.fd, { lazyEntries: true, autoClose: false, strictFileNames: true }),
    );
    const entries = await entriesOf(path, zip);
    refuseOverlaps(path, [...entries.values()], size);
    return {
      records: new Map([...entries].map(([name, { uncompressedSize }]) => [name, uncompressedSize])),
      read: async (name) => {
        const entry = entries.get(name);
        if (!entry) throw new FileError(path, `has no record '${name}'`);
        const { fileDataStart } = await archive(path, zip.readLocalFileHeaderPromise(entry, { minimal: true }));
        return readRecord(path, file, entry, fileDataStart);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function entriesOf(path: string, zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  if (zip.entryCount > MAX_RECORDS) throw new FileError(path, `has ${zip.entryCount} records; at most ${MAX_RECORDS}`);
  const iterator = zip.eachEntry();
  for (;;) {
    const { value: entry, done } = await archive(path, iterator.next());
    if (done) return entries;
    const { fileName, compressionMethod, compressedSize, uncompressedSize } = entry;
    if (entries.has(fileName)) throw new FileError(path, `has two records '${fileName}'`);
    if ((compressionMethod !== STORED && compressionMethod !== DEFLATED) || entry.isEncrypted())
      throw new FileError(
        path,
        `record '${fileName}' is ${entry.isEncrypted() ? 'encrypted' : `packed by method ${compressionMethod}`}; expected it stored or deflated`,
      );
    if (uncompressedSize > MAX_RATIO * compressedSize + 1024)
      throw new FileError(path, `record '${fileName}' makes ${uncompressedSize} bytes of ${compressedSize}`);
    entries.set(fileName, entry);
  }
}

/** Records that share bytes would make much of a small file. */
function refuseOverlaps(path: string, entries: readonly Entry[], size: number): void {
  const ordered = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  for (const [index, { fileName, relativeOffsetOfLocalHeader: start, compressedSize }] of ordered.entries()) {
    const end = start + LOCAL_HEADER + Buffer.byteLength(fileName) + compressedSize;
    const next = ordered[index + 1];
    if (end > (next?.relativeOffsetOfLocalHeader ?? size))
      throw new FileError(path, `record '${fileName}' reaches into ${next ? `record '${next.fileName}'` : 'the end'}`);
  }
}

async function readRecord(path: string, file: FileHandle, entry: Entry, start: number): Promise<Uint8Array> {
  const { fileName, compressionMethod, compressedSize, uncompressedSize } = entry;
  const packed = await readExactly(file, path, start, compressedSize, `record '${fileName}'`);
  const bytes = compressionMethod === STORED ? packed : await unpacked(path, packed, entry);
  if (bytes.length !== uncompressedSize || crc32(bytes) !== entry.crc32)
    throw new FileError(path, `record '${fileName}' is damaged: its CRC-32 differs`);
  return bytes;
}

async function unpacked(path: string, packed: Uint8Array, { fileName, uncompressedSize }: Entry): Promise<Uint8Array> {
  try {
    return await inflate(packed, { maxOutputLength: Math.max(1, uncompressedSize) });
  } catch (error) {
    throw new FileError(path, `record '${fileName}' is damaged: ${(error as Error).message}`, { cause: error });
  }
}

/** The library's own errors, under the file's name. */
async function archive<T>(path: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw new FileError(path, `is no whole zip archive: ${(error as Error).message}`, { cause: error });
  }
}
