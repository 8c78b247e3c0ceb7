import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  FileError,
  isPlainName,
  isTemporary,
  makeFolder as makeFolders,
  pathInside,
  readJson,
  removeFolder,
  removeTemporaries,
  systemCode,
  type FileSet,
  writeChecked,
  writeFileAtomic,
} from '../../io/files/index.js';
import { BASELINE, CHECKPOINTS, LOCK, MODEL, REPORT_FILES, RUN_FILES, type RunFile } from './layout.js';
import { lockFolder } from './lock.js';

export interface RunFolderOptions {
  /** Replaces an existing run. @default false */
  readonly force?: boolean;
  /** Resumes an existing run. @default false */
  readonly resume?: boolean;
}

/** A folder that one run, in this process only, writes into. */
export interface RunFolder {
  readonly path: string;
  /** True if a run began here before. */
  readonly hasRun: boolean;
  /** Returns the path of one of its files. @throws FileError for a link. */
  file(name: RunFile): string;
  /** Writes a file completely or not at all. */
  write(name: RunFile, data: Uint8Array | string): void;
  writeJson(name: RunFile, value: unknown): void;
  /** Removes a file, if it is there. */
  remove(name: RunFile): void;
  /** @throws FileError naming the file. */
  readJson(name: RunFile): unknown;
  /** Writes an export completely or not at all, once `check` has passed. @returns its folder */
  writeModel(format: string, files: FileSet, check: (folder: string) => Promise<void>): Promise<string>;
  /** Returns a nested run folder under the same lock. */
  nested(name: typeof BASELINE): RunFolder;
  /** Releases the lock. */
  release(): void;
}

/**
 * Makes the folder `out/name` for a run, or enters it again.
 *
 * @throws FileError if the folder is in use for something else; LockedError when another process works in it. Nothing is
 * written then.
 */
export function createRunFolder(out: string, name: string, options: RunFolderOptions = {}): RunFolder {
  const { force = false, resume = false } = options;
  if (!isPlainName(name) || isTemporary(name))
    throw new FileError(join(out, name), `'${name}' cannot name a run folder; take letters, digits, dots and hyphens`);
  const path = join(out, name);
  const entries = entriesOf(path);
  if (!entries && resume) throw new FileError(path, 'there is no run to resume');
  if (entries) refuseOccupied(path, entries, options);
  else makeFolder(path);
  const { release } = lockFolder(path);
  try {
    removeTemporaries(path);
    if (force) clear(path);
    return { ...access(path), hasRun: isRun(entriesOf(path) ?? []), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Lists the folder; returns undefined if it does not exist. */
function entriesOf(path: string): string[] | undefined {
  try {
    const status = lstatSync(path);
    if (status.isSymbolicLink()) throw new FileError(path, 'is a symbolic link; name the folder itself');
    if (!status.isDirectory()) throw new FileError(path, 'is a file; expected a folder, or nothing');
    return readdirSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    if (systemCode(error) === undefined) throw error;
    throw new FileError(path, `cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

function makeFolder(path: string): void {
  try {
    makeFolders(path);
  } catch (error) {
    throw new FileError(path, `cannot be made: ${(error as Error).message}`, { cause: error });
  }
}

function refuseOccupied(path: string, entries: readonly string[], { force, resume }: RunFolderOptions): void {
  if (force && resume) throw new FileError(path, 'can be resumed or replaced, not both; give --resume or --force');
  const foreign = entries.find((entry) => !isOurs(entry));
  if (isRun(entries)) {
    if (!force && !resume)
      throw new FileError(
        path,
        'holds a run already; give --resume to go on with it, --force to replace it, or another name',
      );
  } else if (foreign !== undefined) {
    throw new FileError(path, `is no run folder: it holds '${foreign}', which no run writes; give another name`);
  }
}

const WRITTEN: readonly string[] = [
  CHECKPOINTS,
  MODEL,
  BASELINE,
  ...Object.values(RUN_FILES),
  ...Object.values(REPORT_FILES),
];

/** Returns true if a run has written here; a process killed earlier has left a lock at most. */
const isRun = (entries: readonly string[]): boolean => entries.some((entry) => WRITTEN.includes(entry));

const isOurs = (entry: string): boolean => entry.startsWith(LOCK) || isTemporary(entry) || WRITTEN.includes(entry);

/** Removes what a run wrote, and nothing else. */
function clear(path: string): void {
  for (const name of WRITTEN) removeFolder(join(path, name));
}

function access(path: string): Omit<RunFolder, 'hasRun' | 'release'> {
  const file = (name: RunFile): string => pathInside(path, name);
  const write = (name: RunFile, data: Uint8Array | string): void => writeFileAtomic(file(name), data);
  return {
    path,
    file,
    write,
    writeJson: (name, value) => write(name, `${JSON.stringify(value, null, 2)}\n`),
    remove: (name) => removeFolder(join(path, name)),
    readJson: (name) => readJson(file(name)),
    writeModel: async (format, files, check) => {
      makeFolders(pathInside(path, MODEL));
      const folder = pathInside(path, MODEL, format);
      await writeChecked(folder, files, check);
      return folder;
    },
    nested: (name) => {
      const inner = pathInside(path, name);
      makeFolder(inner);
      removeTemporaries(inner);
      return { ...access(inner), hasRun: isRun(entriesOf(inner) ?? []), release: () => undefined };
    },
  };
}
