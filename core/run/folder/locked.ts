/** How often who works in a run folder shows that it is alive. */
export const TOUCH_EVERY_MS = 60_000;

/** After how long without a sign of life the lock of a process that cannot be asked counts as left behind. */
export const STALE_AFTER_MS = 10 * TOUCH_EVERY_MS;

/** Who works in a run folder. Texts are empty where the system does not tell. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in clock ticks since boot; tells it from a later process of the same id. */
  readonly start: string;
  readonly boot: string;
  /** The namespace (container) that `pid` belongs to. */
  readonly namespace: string;
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
}

/** A run folder that another process works in. The message says which, since when, and what to do. */
export class LockedError extends Error {
  /** The process that has it. */
  readonly holder: LockHolder;

  constructor(folder: string, path: string, holder: LockHolder, life: 'alive' | 'unknown') {
    const who = `process ${holder.pid} on ${holder.host} since ${holder.since}`;
    super(
      life === 'alive'
        ? `${folder}: the run folder is in use by ${who}; wait for it to end, or choose another folder`
        : `${folder}: the run folder was taken by ${who}, which cannot be asked from here; if it no longer runs, delete ${path} or wait ${STALE_AFTER_MS / 60_000} minutes`,
    );
    this.name = 'LockedError';
    this.holder = holder;
  }
}
