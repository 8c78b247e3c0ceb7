import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { StateRecord } from '../../contracts/state.js';
import { FileError } from '../../io/files/index.js';
import { type CheckpointPlace, checkpointName, nextPlace, takeSnapshot } from './checkpoint.js';
import type { WriteReply } from './worker.js';
import type { CheckpointWrite } from './write.js';
import { CHECKPOINTS } from '../folder/layout.js';

export interface CheckpointWriterOptions {
  /** How many of the newest checkpoints are kept beside the best. @default 3 */
  readonly keep?: number;
  /** Paths of files that are brought to the device before a checkpoint counts. @default none */
  readonly syncFirst?: readonly string[];
  /** The checkpoint the run was resumed from; newer ones were found not to be whole and give way. */
  readonly resumedFrom?: CheckpointPlace;
}

export interface SaveOptions {
  /** Steps done. */
  readonly step: number;
  /** Whether it is the best of the run so far. @default false */
  readonly best?: boolean;
  /** Whether it is taken because somebody stops the run, and no part of it. @default false */
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

  /** The path that the next one will have. */
  nextPath({ step, stopped = false }: SaveOptions): string {
    return this.#pathOf(nextPlace(step, this.#newest, stopped));
  }

  /**
   * Takes a copy of the state and starts to write it once the caller has returned to the event loop, so that observers see
   * the checkpoint's event before the checkpoint can count.
   *
   * @returns the path it will have, at once
   * @throws FileError when the checkpoint before this one could not be written.
   */
  async save(state: StateRecord, { step, best = false, stopped = false }: SaveOptions): Promise<string> {
    const snapshot = takeSnapshot(state);
    await this.#pending;
    const previous = this.#newest;
    const place = nextPlace(step, previous, stopped);
    this.#newest = place;
    const { keep = 3, syncFirst = [] } = this.#options;
    this.#pending = this.#write({ runFolder: this.#runFolder, place, previous, snapshot, best, keep, syncFirst });
    // Whoever saves or flushes next is told; until then a failure is nobody's unhandled one.
    this.#pending.catch(() => {});
    return this.#pathOf(place);
  }

  /** Resolves when everything saved so far is on the device. @throws FileError when the last one could not be written. */
  async flush(): Promise<void> {
    await this.#pending;
  }

  /** Flushes and ends the thread. */
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
