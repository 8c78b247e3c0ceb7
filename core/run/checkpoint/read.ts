import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StateRecord } from '../../contracts/state.js';
import { FileError, isTemporary, parseJson, pathInside, readBytes, rethrow, systemCode } from '../../io/files/index.js';
import { decodeSafetensors } from '../../io/formats/safetensors.js';
import {
  ARRAYS,
  byAge,
  type CheckpointPlace,
  checkpointName,
  MANIFEST,
  parseCheckpointName,
  VALUES,
  type FileStamp,
  readManifest,
  stamp,
} from './format.js';
import { CHECKPOINTS } from '../folder/layout.js';

/** A checkpoint whose every byte is as written. */
export interface WholeCheckpoint extends CheckpointPlace, StateRecord {
  readonly path: string;
}

/** A checkpoint that cannot be used: the file or folder at fault, and the problem. */
export interface SkippedCheckpoint {
  readonly path: string;
  readonly why: string;
}

export interface FoundCheckpoints {
  /** Undefined if none is whole. */
  readonly newest?: WholeCheckpoint;
  /** Newer checkpoints that are not whole, newest first. */
  readonly skipped: readonly SkippedCheckpoint[];
}

/**
 * The newest checkpoint of a run folder that is whole. Links are not followed.
 *
 * @throws FileError if the folder of checkpoints itself cannot be read; a system error when the machine is at fault
 * (too many open files), since then nothing is known of the checkpoint.
 */
export function newestWhole(runFolder: string): FoundCheckpoints {
  const skipped: SkippedCheckpoint[] = [];
  for (const place of listCheckpoints(runFolder)) {
    try {
      return { newest: readCheckpoint(runFolder, place), skipped };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      skipped.push({ path: error.path, why: error.problem });
    }
  }
  return { skipped };
}

/** Lists all checkpoints by folder name, newest first, whole or not. */
export function listCheckpoints(runFolder: string): CheckpointPlace[] {
  const folder = pathInside(runFolder, CHECKPOINTS);
  try {
    return readdirSync(folder)
      .filter((name) => !isTemporary(name))
      .flatMap((name) => parseCheckpointName(name) ?? [])
      .sort(byAge);
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? [] : rethrow(folder, error);
  }
}

/** @throws FileError naming the file that is not as it was written. */
function readCheckpoint(runFolder: string, place: CheckpointPlace): WholeCheckpoint {
  const parts = [CHECKPOINTS, checkpointName(place)];
  const file = (name: string): string => pathInside(runFolder, ...parts, name);
  const manifestPath = file(MANIFEST);
  const manifest = readManifest(manifestPath);
  if (byAge(manifest, place) !== 0) throw new FileError(manifestPath, `is the manifest of ${checkpointName(manifest)}`);
  const values = parseJson(stamped(file(VALUES), manifest.files[VALUES]), file(VALUES));
  const { tensors } = decodeSafetensors(stamped(file(ARRAYS), manifest.files[ARRAYS]), file(ARRAYS));
  const arrays = Object.fromEntries([...tensors].map(([name, { values }]) => [name, values]));
  return {
    ...place,
    path: join(runFolder, ...parts),
    arrays: arrays as StateRecord['arrays'],
    values: values as StateRecord['values'],
  };
}

function stamped(path: string, expected: FileStamp): Uint8Array {
  const bytes = readBytes(path);
  if (bytes.length !== expected.bytes)
    throw new FileError(path, `has ${bytes.length} bytes; ${expected.bytes} were written`);
  if (stamp(bytes).sha256 !== expected.sha256)
    throw new FileError(path, 'was changed: its SHA-256 is not the one it was written with');
  return bytes;
}
