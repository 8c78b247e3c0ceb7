import { createHash } from 'node:crypto';
import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { RUN_FILES } from '../../run/folder/layout.js';
import { hasDescription } from '../compare/description.js';
import { COMPARISON } from '../compare/layout.js';

// Finds the runs and comparisons below the folders that the dashboard was started with. Pages name them by an id
// that only a found folder has, so that no address reaches anything else.

/** A folder that the dashboard shows. */
export interface Entry {
  readonly id: string;
  readonly kind: 'run' | 'comparison';
  readonly path: string;
  /** Its path below the folder that was given. */
  readonly name: string;
  /** Of a trial: the id of its comparison. */
  readonly within?: string;
}

/** How far below a given folder runs are looked for. */
const DEPTH = 4;

const idOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 16);

/** Finds every run and comparison below the folders; a comparison is followed by its trials. Folders that are gone have none. */
export function findEntries(folders: readonly string[]): Entry[] {
  const found = new Map<string, Entry>();
  for (const folder of folders) {
    const root = resolve(folder);
    for (const entry of below(root, root, DEPTH)) found.set(entry.id, entry);
  }
  return [...found.values()];
}

function* below(path: string, root: string, depth: number): Generator<Entry> {
  const name = relative(root, path) || basename(path);
  const entry = { id: idOf(path), path, name };
  // A file of that name may also be one that somebody wrote to be compared.
  if (hasDescription(path)) {
    yield { ...entry, kind: 'comparison' };
    for (const { name: trial } of foldersIn(join(path, COMPARISON.runs))) {
      const own = join(path, COMPARISON.runs, trial);
      if (!existsSync(join(own, RUN_FILES.config))) continue;
      yield { id: idOf(own), kind: 'run', path: own, name: `${name}/${trial}`, within: entry.id };
    }
  } else if (existsSync(join(path, RUN_FILES.config))) {
    yield { ...entry, kind: 'run' };
  } else if (depth > 0) {
    for (const child of foldersIn(path)) yield* below(join(path, child.name), root, depth - 1);
  }
}

/** Links are not followed: they may lead out, or in a circle. */
function foldersIn(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'),
    );
  } catch {
    return [];
  }
}
