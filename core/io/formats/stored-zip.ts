import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { FileError, openRegular, readExactly } from '../files/index.js';

/** A zip archive whose records are stored, not compressed: it takes no more memory than it has bytes. */
export interface StoredZip {
  /** Bytes of every record by name. */
  readonly records: ReadonlyMap<string, number>;
  /** @throws FileError when there is no such record, or it is damaged. */
  read(name: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

const MAX_RECORDS = 100_000;

/** @throws FileError when it is no such archive. */
export async function openStoredZip(path: string): Promise<StoredZip> {
  const file = await openRegular(path);
  try {
    const zip = await archive(
      path,
      fromFdPromise(file.fd, { lazyEntries: true, autoClose: false, strictFileNames: true }),
    );
    const entries = await entriesOf(path, zip);
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
    const { fileName, compressionMethod } = entry;
    if (entries.has(fileName)) throw new FileError(path, `has two records '${fileName}'`);
    if (compressionMethod !== 0 || entry.isEncrypted())
      throw new FileError(path, `record '${fileName}' is compressed or encrypted; expected it stored`);
    entries.set(fileName, entry);
  }
}

async function readRecord(path: string, file: FileHandle, entry: Entry, start: number): Promise<Uint8Array> {
  const bytes = await readExactly(file, path, start, entry.uncompressedSize, `record '${entry.fileName}'`);
  if (crc32(bytes) !== entry.crc32)
    throw new FileError(path, `record '${entry.fileName}' is damaged: its CRC-32 differs`);
  return bytes;
}

/** The library's own errors, under the file's name. */
async function archive<T>(path: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw new FileError(path, `is no whole zip archive: ${(error as Error).message}`, { cause: error });
  }
}
