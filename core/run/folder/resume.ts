import { relative } from 'node:path';
import type { LoadedConfig } from '../../config/load.js';
import { FileError, pathInside } from '../../io/files/index.js';
import { ConfigChangedError, configChanges } from './changes.js';
import { newestWhole, type SkippedCheckpoint, type WholeCheckpoint } from '../checkpoint/read.js';
import type { RunFolder } from './folder.js';
import { CHECKPOINTS, RUN_FILES } from './layout.js';
import { brokenFiles, CANDIDATE_FILES } from './manifest.js';

/** Where a run resumes, and what to tell the user about it. */
export interface ResumePoint {
  /** The candidate in training and its newest whole checkpoint; undefined if the run begins anew. */
  readonly from?: { readonly candidate: number; readonly checkpoint: WholeCheckpoint };
  /** Newer checkpoints that cannot be used, newest first. */
  readonly leftOut: readonly SkippedCheckpoint[];
}

/**
 * The newest whole checkpoint of a run: that of the last candidate that has one, where those before it are finished and whole.
 *
 * @param folders of the entrants, in their order
 * @throws FileError if there are checkpoints and none is whole.
 */
export function resumePoint(folders: readonly RunFolder[]): ResumePoint {
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
export function resumeNotes({ from, leftOut }: ResumePoint, root: string): string[] {
  const inside = (path: string): string => relative(root, path);
  return [
    ...leftOut.map(({ path, why }) => `left out: ${inside(path)}: ${why}`),
    from
      ? `resumed from ${inside(from.checkpoint.path)}, after step ${from.checkpoint.step}`
      : 'no checkpoint had been written yet; the run begins anew',
  ];
}

/** @throws ConfigChangedError if the config differs from the one the run began with, except in keys that may change. */
export function checkUnchanged({ config }: LoadedConfig, folder: RunFolder, warn: (message: string) => void): void {
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
