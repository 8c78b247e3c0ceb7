import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileError, removeFolder, removeTemporaries, syncFile, writeFolderAtomic } from '../../io/files/index.js';
import {
  ARRAYS,
  byAge,
  CHECKPOINT_VERSION,
  type CheckpointPlace,
  checkpointName,
  MANIFEST,
  type Snapshot,
  VALUES,
  formatManifest,
  type Manifest,
  readManifest,
  stamp,
} from './format.js';
import { listCheckpoints } from './read.js';
import { CHECKPOINTS } from '../folder/layout.js';

export interface CheckpointWrite {
  readonly runFolder: string;
  readonly place: CheckpointPlace;
  /** The previous checkpoint in this run's history. Newer ones belong to an abandoned continuation and are removed. */
  readonly previous?: CheckpointPlace | undefined;
  readonly snapshot: Snapshot;
  /** True if it is the best of the run so far. */
  readonly best: boolean;
  /** Number of newest checkpoints to keep, besides the best. */
  readonly keep: number;
  /** Paths of files that must be on the device before the checkpoint counts: the events up to it. */
  readonly syncFirst: readonly string[];
}

/**
 * Writes a checkpoint as a whole or not at all, then drops those that retention does not keep.
 *
 * @throws FileError if it cannot be written; the checkpoints before it are then untouched.
 */
export function writeCheckpoint(write: CheckpointWrite): void {
  const { runFolder, place, previous, snapshot, best, keep, syncFirst } = write;
  const folder = join(runFolder, CHECKPOINTS);
  mkdirSync(folder, { recursive: true });
  removeTemporaries(folder);
  remove(
    runFolder,
    listCheckpoints(runFolder).filter((found) => !previous || byAge(found, previous) < 0),
  );
  for (const path of syncFirst) syncFile(path);
  const { arrays, values } = snapshot;
  const manifest = formatManifest({
    format: 'repnas-checkpoint',
    version: CHECKPOINT_VERSION,
    ...place,
    best,
    files: { [ARRAYS]: stamp(arrays), [VALUES]: stamp(values) },
  });
  const files = new Map<string, Uint8Array | string>([
    [ARRAYS, arrays],
    [VALUES, values],
    [MANIFEST, manifest],
  ]);
  writeFolderAtomic(join(folder, checkpointName(place)), files);
  remove(runFolder, superfluous(runFolder, keep));
}

/**
 * Removes all but the newest `keep` and the newest that was the best when taken. Folders without a readable manifest go
 * too.
 */
function superfluous(runFolder: string, keep: number): CheckpointPlace[] {
  const all = listCheckpoints(runFolder).map((place) => ({ place, manifest: manifestOf(runFolder, place) }));
  const readable = all.filter(({ manifest }) => manifest);
  const kept = new Set([...readable.slice(0, keep), readable.find(({ manifest }) => manifest?.best)]);
  return all.flatMap((entry) => (kept.has(entry) ? [] : [entry.place]));
}

function remove(runFolder: string, places: readonly CheckpointPlace[]): void {
  for (const place of places) removeFolder(join(runFolder, CHECKPOINTS, checkpointName(place)));
}

function manifestOf(runFolder: string, place: CheckpointPlace): Manifest | undefined {
  try {
    return readManifest(join(runFolder, CHECKPOINTS, checkpointName(place), MANIFEST));
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
