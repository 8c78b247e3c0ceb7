/** Interval at which the owner of a lock shows that it is alive. */
export const TOUCH_EVERY_MS = 60_000;

/** Time without a sign of life after which a lock counts as abandoned, if its process cannot be checked. */
export const STALE_AFTER_MS = 10 * TOUCH_EVERY_MS;

/** The owner of a lock. Texts are empty if the system does not know. */
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

/** Thrown if another process works in the run folder. The message says which, since when, and what to do. */
export class LockedError extends Error {
  /** The process that holds the lock. */
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
