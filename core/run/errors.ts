/**
 * How a run ends other than well. Each message says what was found and what was expected. The package's entry imports this file, so it
 * loads nothing that computes.
 */
import type { BlocksCertificate } from '../reparam/certificate/difference.js';

/**
 * Thrown if a request cannot be met: an unknown name, missing images, parts that do not fit together. The message says
 * what was expected. Nothing was written.
 */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/**
 * Runs preparation, before anything is written. Parts report problems with options or files as plain errors.
 * @throws RefusedError instead of such a plain error.
 */
export async function prepare<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'Error') throw new RefusedError(error.message, { cause: error });
    throw error;
  }
}

/** Thrown after an interruption. The last checkpoint of a run is whole; nothing else is left half done. */
export class InterruptedError extends Error {
  /** The folder that it was interrupted in. `resume` continues a run from there. */
  readonly folder: string;

  constructor(folder: string, next = 'go on with --resume') {
    super(`interrupted; ${next} (${folder})`);
    this.name = 'InterruptedError';
    this.folder = folder;
  }
}

/**
 * Thrown if a fused network does not compute what the trained one does. The message gives the difference and the
 * tolerance. Nothing was exported.
 */
export class CertificateError extends Error {
  /** The measured differences, per block and of the whole network, and the tolerance that they exceed. */
  readonly certificate: BlocksCertificate;

  constructor(message: string, certificate: BlocksCertificate) {
    super(message);
    this.name = 'CertificateError';
    this.certificate = certificate;
  }
}

/** Time without a sign of life after which a lock counts as abandoned, if its process cannot be checked: ten missed signs. */
export const STALE_LOCK_MS = 600_000;

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
        : `${folder}: the run folder was taken by ${who}, which cannot be asked from here; if it no longer runs, delete ${path} or wait ${STALE_LOCK_MS / 60_000} minutes`,
    );
    this.name = 'LockedError';
    this.holder = holder;
  }
}
