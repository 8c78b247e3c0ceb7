import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { FileError, readJson, systemCode, writeFileAtomic } from '../../io/files/index.js';
import { LockedError, type LockHolder, STALE_LOCK_MS } from '../errors.js';
import { LOCK } from './layout.js';

/** Interval at which the owner of a lock shows that it is alive. */
const TOUCH_EVERY_MS = STALE_LOCK_MS / 10;

export interface Lock {
  release(): void;
}

const schema: z.ZodType<LockHolder> = z.strictObject({
  pid: z.int().min(1),
  host: z.string(),
  start: z.string(),
  boot: z.string(),
  namespace: z.string(),
  since: z.string(),
});

/**
 * Makes this process the only one that works in a run folder. The lock of a process that is dead is taken over.
 *
 * The lock is a file that appears by a hard link, so it is never half written. (proper-lockfile calls every lock stale whose
 * time stamp is some seconds old, and does not say whose it is.)
 *
 * @throws LockedError naming the process that works there.
 */
export function lockFolder(folder: string): Lock {
  const path = join(folder, LOCK);
  const mine = JSON.stringify(self());
  acquire(folder, path, mine);
  const touch = setInterval(() => rewrite(path, mine), TOUCH_EVERY_MS).unref();
  const release = (): void => {
    clearInterval(touch);
    process.off('exit', release);
    if (contents(path) === mine) rmSync(path, { force: true });
  };
  process.on('exit', release);
  return { release };
}

function acquire(folder: string, path: string, mine: string): void {
  const offer = `${path}.${process.pid}`;
  writeFileAtomic(offer, mine);
  try {
    if (appear(offer, path)) return;
    refuseLiving(folder, path, offer);
    takeOver(folder, path, offer, mine);
  } finally {
    rmSync(offer, { force: true });
  }
}

/** Two processes may find the same dead lock, so replacing it takes a lock too, and looks again under it. */
function takeOver(folder: string, path: string, offer: string, mine: string): void {
  const turn = `${path}.takeover`;
  acquire(folder, turn, mine);
  try {
    if (appear(offer, path)) return;
    refuseLiving(folder, path, offer);
    renameSync(offer, path);
  } finally {
    rmSync(turn, { force: true });
  }
}

/** Creates a file with its content at once. @returns false if one exists */
function appear(from: string, to: string): boolean {
  try {
    linkOrCopy(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw new FileError(to, `cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(systemCode(error) ?? '')) throw error;
    // For file systems without hard links.
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

/** @param now a file just written beside the lock, so that both times are of the same clock */
function refuseLiving(folder: string, path: string, now: string): void {
  const holder = holderOf(path);
  if (!holder) return;
  const life = lifeOf(holder, () => statSync(now).mtimeMs - statSync(path).mtimeMs);
  if (life !== 'dead') throw new LockedError(folder, path, holder, life);
}

/** Returns the process that works in the folder, or may: one on another machine, that was heard of in the last minutes. */
export function workerIn(
  folder: string,
): { readonly holder: LockHolder; readonly life: 'alive' | 'unknown' } | undefined {
  const path = join(folder, LOCK);
  try {
    const holder = holderOf(path);
    const life = holder ? lifeOf(holder, () => Date.now() - statSync(path).mtimeMs) : 'dead';
    return holder && life !== 'dead' ? { holder, life } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns true if a process works in the folder, or may. */
export const isInUse = (folder: string): boolean => workerIn(folder) !== undefined;

function lifeOf(holder: LockHolder, silence: () => number): 'alive' | 'dead' | 'unknown' {
  const here = holder.host === hostname();
  if (here && holder.boot !== bootId()) return 'dead';
  if (here && holder.namespace === processNamespace()) return isAlive(holder) ? 'alive' : 'dead';
  return silence() > STALE_LOCK_MS ? 'dead' : 'unknown';
}

/** Returns undefined if the lock has just been released. */
function holderOf(path: string): LockHolder | undefined {
  let value: unknown;
  try {
    value = readJson(path, { maxBytes: 2 ** 12 });
  } catch (error) {
    if (error instanceof FileError && systemCode(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new FileError(path, 'is no lock of a run folder; delete it if no run uses the folder');
  return result.data;
}

function isAlive({ pid, start }: LockHolder): boolean {
  const found = processStart(pid);
  if (found !== undefined) return found === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return systemCode(error) === 'EPERM';
  }
}

const self = (): LockHolder => ({
  pid: process.pid,
  host: hostname(),
  start: processStart(process.pid) ?? '',
  boot: bootId(),
  namespace: processNamespace(),
  since: new Date().toISOString(),
});

/** Shows a sign of life: rewrites the same bytes in place, so that the lock is whole at every moment. */
function rewrite(path: string, mine: string): void {
  if (contents(path) !== mine) return;
  const file = openSync(path, 'r+');
  try {
    writeSync(file, mine, 0);
  } finally {
    closeSync(file);
  }
}

function contents(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Returns when a process started, in clock ticks since boot; undefined if it does not exist or /proc does not. */
export function processStart(pid: number): string | undefined {
  const status = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The second field is the command in parentheses, which may itself contain spaces and parentheses; the start is
  // field 22.
  return status?.slice(status.lastIndexOf(')') + 2).split(' ')[19];
}

/** Changes with every boot; empty if the system does not say. */
export const bootId = (): string => read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? '';

/** The namespace of process ids; empty if the system does not say. */
export const processNamespace = (): string => read(() => readlinkSync('/proc/self/ns/pid')) ?? '';

function read(source: () => string): string | undefined {
  try {
    return source();
  } catch {
    return undefined;
  }
}
