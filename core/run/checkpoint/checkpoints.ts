import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { relative } from 'node:path';
import { z } from 'zod';
import type { ResolvedConfig } from '../../config/schema.js';
import type { RunEvent } from '../../contracts/events.js';
import type { Checkpointing } from '../../train/loop.js';
import type { Training } from '../../train/training.js';
import type { CheckpointWriter, SaveOptions } from './writer.js';
import type { EventNumbers } from '../watch/events.js';
import type { RunFolder } from '../folder/folder.js';
import { digestFile, FileError, systemCode } from '../../io/files/index.js';
import { RUN_FILES } from '../folder/layout.js';
import { type FileStamp, fileStamp } from './format.js';
import type { SkippedCheckpoint } from './read.js';
import type { Images } from '../images.js';

export interface CheckpointsPlan {
  readonly every: Pick<ResolvedConfig['checkpoint'], 'everyEpochs' | 'everySteps'>;
  /** The run folder; paths in events are relative to it. */
  readonly root: RunFolder;
  readonly training: Training;
  readonly images: Pick<Images, 'saveLeftOut'>;
  readonly writer: CheckpointWriter;
  readonly numbers: EventNumbers;
}

/**
 * Checkpoints that hold the training, the images it left out, the number of the event to come, and what was written of the events
 * before it.
 */
export class Checkpoints implements Checkpointing {
  readonly everyEpochs: number;
  readonly everySteps: number | false;
  readonly #plan: CheckpointsPlan;
  readonly #growing: GrowingFiles;

  constructor(plan: CheckpointsPlan) {
    ({ everyEpochs: this.everyEpochs, everySteps: this.everySteps } = plan.every);
    this.#plan = plan;
    this.#growing = new GrowingFiles(plan.root);
  }

  /** Takes a checkpoint that is due; its event is part of the run. */
  async save(): Promise<RunEvent> {
    const { writer, root, numbers } = this.#plan;
    // Once the one before is written there is no pause between the copy and its event.
    await writer.flush();
    const options = this.#options(false);
    const { step, best = false } = options;
    const event: RunEvent = { type: 'checkpoint', step, path: relative(root.path, writer.nextPath(options)), best };
    const sequence = numbers.next;
    await this.#write(options, sequence + 1, JSON.stringify({ ...event, sequence }));
    return event;
  }

  /** Takes a checkpoint for an interruption. It is not part of the run, which must equal an uninterrupted one. */
  async saveQuietly(): Promise<void> {
    await this.#plan.writer.flush();
    await this.#write(this.#options(true), this.#plan.numbers.next);
  }

  #options(stopped: boolean): SaveOptions {
    const { step, best } = this.#plan.training.cursor;
    return { step, best: best?.step === step, stopped };
  }

  async #write(options: SaveOptions, sequence: number, ownEvent?: string): Promise<void> {
    const { training, images, writer } = this.#plan;
    const { arrays, values } = training.save();
    const own = { leftOut: images.saveLeftOut(), sequence, files: this.#growing.stamps(ownEvent) };
    await writer.save({ arrays, values: { ...values, ...own } }, options);
  }
}

/** Files that observers append to while a run lasts. */
const GROWING = [RUN_FILES.events, RUN_FILES.metrics] as const;

const CHUNK = 2 ** 16;

/** Size and hash of the files that grow with a run, for its checkpoints. Reads each byte once. */
class GrowingFiles {
  readonly #folder: RunFolder;
  readonly #seen = new Map(GROWING.map((name) => [name, { bytes: 0, hash: createHash('sha256') }]));

  constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  /**
   * Returns size and SHA-256 of each file that is there.
   *
   * @param line the event of the checkpoint itself, which is written after the checkpoint has been asked for; undefined: there is none
   */
  stamps(line?: string): Record<string, FileStamp> {
    return Object.fromEntries(
      [...this.#seen].flatMap(([name, seen]) => {
        this.#readOn(name, seen);
        if (seen.bytes === 0) return [];
        const hash = seen.hash.copy();
        const added = name === RUN_FILES.events && line !== undefined ? Buffer.from(`${line}\n`) : Buffer.of();
        return [[name, { bytes: seen.bytes + added.length, sha256: hash.update(added).digest('hex') }]];
      }),
    );
  }

  #readOn(name: (typeof GROWING)[number], seen: { bytes: number; readonly hash: Hash }): void {
    let file: number;
    try {
      file = openSync(this.#folder.file(name), 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
    try {
      const chunk = Buffer.alloc(CHUNK);
      for (;;) {
        const read = readSync(file, chunk, 0, CHUNK, seen.bytes);
        if (read === 0) return;
        seen.hash.update(chunk.subarray(0, read));
        seen.bytes += read;
      }
    } finally {
      closeSync(file);
    }
  }
}

/** Lists which of those files differ from a checkpoint's stamps. */
export function changedSince(folder: RunFolder, stamps: unknown): SkippedCheckpoint[] {
  const known = z.record(z.string(), fileStamp).catch({}).parse(stamps);
  return GROWING.flatMap((name) => {
    const expected = known[name];
    if (!expected) return [];
    const path = folder.file(name);
    try {
      const { size, sha256 } = digestFile(path, expected.bytes);
      if (size < expected.bytes)
        return [{ path, why: `has ${size} bytes; ${expected.bytes} were written before the checkpoint` }];
      if (sha256 === expected.sha256) return [];
      return [{ path, why: `was changed in the ${expected.bytes} bytes written before the checkpoint` }];
    } catch (error) {
      if (error instanceof FileError) return [{ path: error.path, why: error.problem }];
      throw error;
    }
  });
}
