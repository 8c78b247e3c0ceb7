import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { digestFile, FileError, systemCode } from '../../io/files/index.js';
import { type FileStamp, fileStamp } from './manifest.js';
import type { SkippedCheckpoint } from './read.js';
import type { RunFolder } from '../folder/folder.js';
import { RUN_FILES } from '../folder/layout.js';

/** Files that observers append to while a run lasts. */
const GROWING = [RUN_FILES.events, RUN_FILES.metrics] as const;

const CHUNK = 2 ** 16;

/** Size and hash of the files that grow with a run, for its checkpoints. Reads each byte once. */
export class GrowingFiles {
  readonly #folder: RunFolder;
  readonly #seen = new Map(GROWING.map((name) => [name, { bytes: 0, hash: createHash('sha256') }]));

  constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  /**
   * Size and SHA-256 of each file that is there.
   *
   * @param line the event of the checkpoint itself, which is written when the checkpoint has been asked for; absent: there is none
   */
  stamps(line?: string): Record<string, FileStamp> {
    return Object.fromEntries(
      [...this.#seen].flatMap(([name, seen]) => {
        this.#readOn(name, seen);
        if (seen.bytes === 0) return [];
        const hash = seen.hash.copy();
        const added = name === RUN_FILES.events && line !== undefined ? Buffer.from(`${line}\n`) : Buffer.of();
        return [[name, { bytes: seen.bytes + added.length, sha256: hash.update(added).digest('hex') }]];
      }),
    );
  }

  #readOn(name: (typeof GROWING)[number], seen: { bytes: number; readonly hash: Hash }): void {
    let file: number;
    try {
      file = openSync(this.#folder.file(name), 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
    try {
      const chunk = Buffer.alloc(CHUNK);
      for (;;) {
        const read = readSync(file, chunk, 0, CHUNK, seen.bytes);
        if (read === 0) return;
        seen.hash.update(chunk.subarray(0, read));
        seen.bytes += read;
      }
    } finally {
      closeSync(file);
    }
  }
}

/** Lists which of those files differ from a checkpoint's stamps. */
export function changedSince(folder: RunFolder, stamps: unknown): SkippedCheckpoint[] {
  const known = z.record(z.string(), fileStamp).catch({}).parse(stamps);
  return GROWING.flatMap((name) => {
    const expected = known[name];
    if (!expected) return [];
    const path = folder.file(name);
    try {
      const { size, sha256 } = digestFile(path, expected.bytes);
      if (size < expected.bytes)
        return [{ path, why: `has ${size} bytes; ${expected.bytes} were written before the checkpoint` }];
      if (sha256 === expected.sha256) return [];
      return [{ path, why: `was changed in the ${expected.bytes} bytes written before the checkpoint` }];
    } catch (error) {
      if (error instanceof FileError) return [{ path: error.path, why: error.problem }];
      throw error;
    }
  });
}
