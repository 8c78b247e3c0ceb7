/**
 * How a run is resumed: from which checkpoint, whether its config and files still fit, and the history that `run.json` keeps of it.
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { z } from 'zod';
import type { LoadedConfig } from '../../config/load.js';
import type { Clock } from '../../contracts/services.js';
import { FileError, pathInside } from '../../io/files/index.js';
import { changedSince } from '../checkpoint/checkpoints.js';
import { newestWhole, type SkippedCheckpoint, type WholeCheckpoint } from '../checkpoint/read.js';
import type { RunFacts } from '../result.js';
import { ConfigChangedError, configChanges } from './changes.js';
import type { RunFolder } from './folder.js';
import { CHECKPOINTS, RUN_FILES } from './layout.js';
import { brokenFiles, CANDIDATE_FILES } from './manifest.js';

/** The point that a run resumes from, and the checkpoints that were passed over. */
export interface ResumePoint {
  /** The candidate in training and its newest whole checkpoint; undefined if the run begins anew. */
  readonly from?: { readonly candidate: number; readonly checkpoint: WholeCheckpoint };
  /** Newer checkpoints that cannot be used, newest first. */
  readonly leftOut: readonly SkippedCheckpoint[];
}

/**
 * Finds where a run of this config resumes. `warn` reports what changes the run, `note` what concerns this process only.
 * @param folders of the candidates, in their order; the first is the run's own
 * @throws FileError if there are checkpoints and none is whole; ConfigChangedError if the config is not the one the run began with.
 */
export function resume(
  loaded: LoadedConfig,
  folders: readonly [RunFolder, ...RunFolder[]],
  warn: (message: string) => void,
  note: (message: string) => void,
): ResumePoint {
  const [root] = folders;
  const point = resumePoint(folders);
  // The config is a run's first file: a process that was killed earlier has left a lock and empty folders.
  if (point.from || existsSync(root.file(RUN_FILES.config))) checkUnchanged(loaded, root, warn);
  for (const text of resumeNotes(point, root.path)) note(text);
  for (const { path, why } of changedSince(root, point.from?.checkpoint.values['files']))
    note(`${path}: ${why}; the run goes on, but what is written there of its past is not whole`);
  return point;
}

/**
 * Finds the newest whole checkpoint of a run: that of the last candidate that has one, if those before it are finished and whole.
 *
 * @param folders of the candidates, in their order
 * @throws FileError if there are checkpoints and none is whole.
 */
function resumePoint(folders: readonly RunFolder[]): ResumePoint {
  const leftOut: SkippedCheckpoint[] = [];
  for (const [candidate, folder] of [...folders.entries()].reverse()) {
    const { newest, skipped } = newestWhole(folder.path);
    leftOut.push(...skipped);
    if (!newest) continue;
    const broken = folders.slice(0, candidate).flatMap(({ path }) => brokenFiles(path, CANDIDATE_FILES));
    if (broken.length === 0) return { from: { candidate, checkpoint: newest }, leftOut };
    leftOut.push(...broken);
  }
  const [root] = folders;
  if (leftOut.length === 0 || !root) return { leftOut };
  const reasons = leftOut.map(({ path, why }) => `  ${path}: ${why}`).join('\n');
  throw new FileError(
    pathInside(root.path, CHECKPOINTS),
    `no checkpoint is whole, so there is nothing to go on from\n${reasons}\nBring one back, or begin anew with --force`,
  );
}

/** Describes a resume point, one line each. */
function resumeNotes({ from, leftOut }: ResumePoint, root: string): string[] {
  const inside = (path: string): string => relative(root, path);
  return [
    ...leftOut.map(({ path, why }) => `left out: ${inside(path)}: ${why}`),
    from
      ? `resumed from ${inside(from.checkpoint.path)}, after step ${from.checkpoint.step}`
      : 'no checkpoint had been written yet; the run begins anew',
  ];
}

/** @throws ConfigChangedError if the config differs from the one the run began with, except in keys that may change. */
function checkUnchanged({ config }: LoadedConfig, folder: RunFolder, warn: (message: string) => void): void {
  const path = folder.file(RUN_FILES.config);
  const saved = folder.readJson(RUN_FILES.config);
  if (typeof saved !== 'object' || saved === null || !('config' in saved))
    throw new FileError(
      path,
      'holds no config, so nobody knows what the run began with; bring it back, or give --force',
    );
  const { forbidden, warned } = configChanges(saved.config, config);
  if (forbidden.length > 0) throw new ConfigChangedError(folder.path, forbidden);
  for (const { path, before: was, now } of warned) {
    warn(
      `resumed with another ${path}: was ${JSON.stringify(was)}, is ${JSON.stringify(now)}; the same bytes are not to be expected`,
    );
  }
}

const time = z.string().max(40);

/** The history in `run.json`, beside the facts: when the run began, and each time that it resumed. */
const history = z.object({
  started: time,
  resumed: z
    .array(
      z.strictObject({
        at: time,
        checkpoint: z.string().nullable(),
        leftOut: z.array(z.strictObject({ path: z.string(), why: z.string() })),
      }),
    )
    .default([]),
});

/**
 * Writes the facts of a run into `run.json`, with its history if it is resumed.
 *
 * @param resumed the point that it resumes from; undefined if it begins
 * @returns notes for the user: a history that could not be read is begun anew, since nothing depends on it
 */
export function writeRunRecord(folder: RunFolder, facts: RunFacts, clock: Clock, resumed?: ResumePoint): string[] {
  const at = clock.now().toISOString();
  const notes: string[] = [];
  let { started, resumed: resumptions } = { started: at, resumed: [] } as z.output<typeof history>;
  if (resumed) {
    try {
      ({ started, resumed: resumptions } = history.parse(folder.readJson(RUN_FILES.run)));
    } catch (error) {
      const why = error instanceof FileError ? error.message : `${folder.file(RUN_FILES.run)}: is no record of a run`;
      notes.push(`${why}; the history of the run is lost, nothing else`);
    }
    const { from, leftOut } = resumed;
    const checkpoint = from ? relative(folder.path, from.checkpoint.path) : null;
    const named = leftOut.map(({ path, why }) => ({ path: relative(folder.path, path), why }));
    resumptions.push({ at, checkpoint, leftOut: named });
  }
  folder.writeJson(RUN_FILES.run, { ...facts, started, ...(resumed && { resumed: resumptions }) });
  return notes;
}
