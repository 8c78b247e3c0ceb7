import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { StateRecord } from '../../contracts/state.js';
import { FileError } from '../../io/files/index.js';
import { type CheckpointPlace, checkpointName, nextPlace, encodeSnapshot } from './format.js';
import type { WriteReply } from './worker.js';
import type { CheckpointWrite } from './write.js';
import { CHECKPOINTS } from '../folder/layout.js';

export interface CheckpointWriterOptions {
  /** Number of newest checkpoints to keep, besides the best. @default 3 */
  readonly keep?: number;
  /** Paths of files to flush to the device before a checkpoint counts. @default none */
  readonly syncFirst?: readonly string[];
  /** The checkpoint that the run resumed from; newer ones were not whole and are replaced. */
  readonly resumedFrom?: CheckpointPlace;
}

export interface SaveOptions {
  /** Steps done. */
  readonly step: number;
  /** True if it is the best of the run so far. @default false */
  readonly best?: boolean;
  /** True if an interruption asked for it; it is then not part of the run. @default false */
  readonly stopped?: boolean;
}

/**
 * Writes a run's checkpoints in the background, one after another. The training waits while the arrays are copied, and
 * for the checkpoint before this one where that is still being written.
 */
export class CheckpointWriter {
  readonly #runFolder: string;
  readonly #options: CheckpointWriterOptions;
  #newest: CheckpointPlace | undefined;
  #worker: Worker | undefined;
  #pending: Promise<void> = Promise.resolve();

  constructor(runFolder: string, options: CheckpointWriterOptions = {}) {
    this.#runFolder = runFolder;
    this.#options = options;
    this.#newest = options.resumedFrom;
  }

  /** Returns the path that the next checkpoint will have. */
  nextPath({ step, stopped = false }: SaveOptions): string {
    return this.#pathOf(nextPlace(step, this.#newest, stopped));
  }

  /**
   * Takes a copy of the state and starts to write it once the caller has returned to the event loop, so that observers see
   * the checkpoint's event before the checkpoint can count.
   *
   * @returns the path it will have, at once
   * @throws FileError if the checkpoint before this one could not be written.
   */
  async save(state: StateRecord, { step, best = false, stopped = false }: SaveOptions): Promise<string> {
    const snapshot = encodeSnapshot(state);
    await this.#pending;
    const previous = this.#newest;
    const place = nextPlace(step, previous, stopped);
    this.#newest = place;
    const { keep = 3, syncFirst = [] } = this.#options;
    this.#pending = this.#write({ runFolder: this.#runFolder, place, previous, snapshot, best, keep, syncFirst });
    // The next save or flush rejects; until then the failure must not count as unhandled.
    this.#pending.catch(() => {});
    return this.#pathOf(place);
  }

  /** Resolves once everything saved so far is on the device. @throws FileError if the last write failed. */
  async flush(): Promise<void> {
    await this.#pending;
  }

  /** Flushes, and ends the thread. */
  async close(): Promise<void> {
    try {
      await this.#pending;
    } finally {
      await this.#worker?.terminate();
      this.#worker = undefined;
    }
  }

  #pathOf(place: CheckpointPlace): string {
    return join(this.#runFolder, CHECKPOINTS, checkpointName(place));
  }

  async #write(write: CheckpointWrite): Promise<void> {
    await new Promise(setImmediate);
    const worker = this.#thread();
    const { arrays, values } = write.snapshot;
    worker.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        const settle = ({ failure }: WriteReply): void => {
          worker.off('error', reject);
          if (failure) reject(new FileError(failure.path, failure.problem));
          else resolve();
        };
        worker.once('message', settle);
        worker.once('error', reject);
        worker.postMessage(write, [arrays.buffer as ArrayBuffer, values.buffer as ArrayBuffer]);
      });
    } finally {
      worker.unref();
    }
  }

  #thread(): Worker {
    this.#worker ??= new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] });
    return this.#worker;
  }
}
