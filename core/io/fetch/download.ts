import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokenDownloadError, DownloadError } from './error.js';
import { type RequestOptions, requestFrom } from './request.js';

/** What is to be downloaded, as known beforehand. */
export interface DownloadSource {
  readonly url: string;
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

export interface DownloadOptions extends RequestOptions {
  /** Times that a connection may break without a single new byte. @default 5 */
  readonly tries?: number;
  /** Milliseconds before the first retry; twice as long before each one after. @default 1000 */
  readonly patience?: number;
  /** Called with the bytes that are there. */
  onProgress?(bytes: number): void;
}

/**
 * Downloads to `path`, from where an earlier attempt broke off; the file is whole and has the given SHA-256 when this returns.
 *
 * @throws DownloadError when the server gives something else (what is there is then removed), or the connection keeps breaking
 * or is stopped (what is there then stays for the next attempt).
 */
export async function download(source: DownloadSource, path: string, options: DownloadOptions = {}): Promise<void> {
  const { tries = 5, patience = 1000, signal } = options;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(path);
    if (before > source.bytes) await rm(path);
    if (before === source.bytes) break;
    try {
      await append(source, path, options);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof BrokenDownloadError)) throw error;
      const now = await sizeOf(path);
      failures = now > before ? 1 : failures + 1;
      if (failures >= tries) {
        throw new DownloadError(
          `${error.message}; ${now} of ${source.bytes} bytes are there: the same command goes on`,
        );
      }
      await pause(patience * 2 ** (failures - 1), undefined, { signal });
    }
  }
  await checkHash(source, path);
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/** Asks for what is missing and appends it. */
async function append(source: DownloadSource, path: string, options: DownloadOptions): Promise<void> {
  const from = await sizeOf(path);
  const { start, body } = await requestFrom(source, from, options);
  const file = await open(path, start === 0 ? 'w' : 'a');
  try {
    await write(file, body, start, source, options);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function write(
  file: FileHandle,
  body: AsyncIterable<Uint8Array>,
  start: number,
  { url, bytes }: DownloadSource,
  { onProgress }: DownloadOptions,
): Promise<void> {
  let there = start;
  onProgress?.(there);
  for await (const chunk of body) {
    if (there + chunk.length > bytes) {
      await file.truncate(0);
      throw new DownloadError(`${url} goes on after the ${bytes} bytes that were expected; nothing of it was kept`);
    }
    await file.appendFile(chunk);
    there += chunk.length;
    onProgress?.(there);
  }
  if (there < bytes) throw new BrokenDownloadError(`${url} ended after ${there} of ${bytes} bytes`);
}

async function checkHash({ url, sha256 }: DownloadSource, path: string): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  const found = hash.digest('hex');
  if (found === sha256) return;
  await rm(path);
  throw new DownloadError(`${url} has SHA-256 ${found}; expected ${sha256}; it was removed`);
}
