import { readdirSync } from 'node:fs';
import { z } from 'zod';
import {
  digestFile,
  FileError,
  pathInside,
  readJson,
  sha256,
  systemCode,
  writeFileAtomic,
} from '../../io/files/index.js';
import { type FileStamp, fileStamp } from '../checkpoint/format.js';
import type { SkippedCheckpoint } from '../checkpoint/read.js';
import { MODEL, RUN_FILES } from './layout.js';

/** What a finished candidate leaves. */
export const CANDIDATE_FILES: readonly string[] = [
  RUN_FILES.architecture,
  RUN_FILES.weights,
  RUN_FILES.certificate,
  RUN_FILES.result,
  MODEL,
];

/** What a run as a whole writes about itself until its end. */
export const RUN_OWN_FILES: readonly string[] = [RUN_FILES.config, RUN_FILES.run, RUN_FILES.events, RUN_FILES.metrics];

type Stamps = Readonly<Record<string, FileStamp>>;

const schema = z.strictObject({
  format: z.literal('repnas-run-manifest'),
  version: z.literal(1),
  files: z.record(z.string(), fileStamp),
  sha256: z.string(),
});

/**
 * Records size and SHA-256 of a run's files, so that a later reader knows whether they are unchanged. Keeps earlier
 * records of other files.
 *
 * @param names files and folders of the run folder; missing ones are skipped
 */
export function writeManifest(folder: string, names: readonly string[]): void {
  const files = names.flatMap((name) => filesBelow(folder, [name]));
  const stamps = files.map((parts) => [parts.join('/'), stampOf(pathInside(folder, ...parts))] as const);
  write(folder, { ...others(folder, names), ...Object.fromEntries(stamps) });
}

/** Removes files from the manifest before they are rewritten. */
export function removeFromManifest(folder: string, names: readonly string[]): void {
  if (read(folder)) write(folder, others(folder, names));
}

/** Returns true if there is a manifest. */
export const hasManifest = (folder: string): boolean => read(folder) !== undefined;

const others = (folder: string, names: readonly string[]): Stamps =>
  Object.fromEntries(Object.entries(read(folder) ?? {}).filter(([name]) => !names.includes(name.split('/')[0] ?? '')));

/**
 * What is not as it was left: files that were changed or are gone. Without a manifest nobody knows; that is told of the manifest.
 *
 * @param names the files and folders to look at
 */
export function brokenFiles(
  folder: string,
  names: readonly string[] = [...CANDIDATE_FILES, ...RUN_OWN_FILES],
): SkippedCheckpoint[] {
  let stamps: Stamps | undefined;
  try {
    stamps = read(folder);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return [{ path: error.path, why: error.problem }];
  }
  if (!stamps) {
    const why = 'is missing, so nobody knows whether the files are as the run left them';
    return [{ path: pathInside(folder, RUN_FILES.manifest), why }];
  }
  return Object.entries(stamps).flatMap(([name, expected]) => {
    const parts = name.split('/');
    return names.includes(parts[0] ?? '') ? changed(folder, parts, expected) : [];
  });
}

function changed(folder: string, parts: readonly string[], expected: FileStamp): SkippedCheckpoint[] {
  try {
    const path = pathInside(folder, ...parts);
    const found = stampOf(path);
    if (found.bytes !== expected.bytes)
      return [{ path, why: `has ${found.bytes} bytes; ${expected.bytes} were written` }];
    if (found.sha256 === expected.sha256) return [];
    return [{ path, why: 'was changed: its SHA-256 is not the one it was written with' }];
  } catch (error) {
    if (error instanceof FileError) return [{ path: error.path, why: error.problem }];
    throw error;
  }
}

function stampOf(path: string): FileStamp {
  const { size, sha256 } = digestFile(path);
  return { bytes: size, sha256 };
}

/** Lists the files at and below a path, as path parts; empty if there are none. */
function filesBelow(folder: string, parts: readonly string[]): string[][] {
  try {
    const entries = readdirSync(pathInside(folder, ...parts)).sort();
    return entries.flatMap((entry) => filesBelow(folder, [...parts, entry]));
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return [[...parts]];
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Reads the manifest; returns undefined if there is none. @throws FileError if it was changed. */
function read(folder: string): Stamps | undefined {
  const path = pathInside(folder, RUN_FILES.manifest);
  let value: unknown;
  try {
    value = readJson(path);
  } catch (error) {
    if (error instanceof FileError && systemCode(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new FileError(path, 'is no manifest of a run');
  const { files, sha256: found } = result.data;
  if (found !== digestOf(files)) throw new FileError(path, 'was changed: it does not match its own SHA-256');
  return files;
}

function write(folder: string, files: Stamps): void {
  const manifest = { format: 'repnas-run-manifest', version: 1, files, sha256: digestOf(files) };
  writeFileAtomic(pathInside(folder, RUN_FILES.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
}

const digestOf = (files: Stamps): string =>
  sha256(JSON.stringify(Object.entries(files).map(([name, { bytes, sha256 }]) => [name, bytes, sha256])));
