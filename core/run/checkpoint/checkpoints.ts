import { relative } from 'node:path';
import type { ResolvedConfig } from '../../config/schema.js';
import type { RunEvent } from '../../contracts/events.js';
import type { Checkpointing } from '../../train/loop.js';
import type { Training } from '../../train/training.js';
import type { CheckpointWriter, SaveOptions } from './writer.js';
import type { EventNumbers } from '../watch/events.js';
import type { RunFolder } from '../folder/folder.js';
import { GrowingFiles } from './growing.js';
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
