import { existsSync } from 'node:fs';
import type { NumberedEvent } from '../../contracts/events.js';
import { readJson, writeFileAtomic } from '../../io/files/index.js';
import { peakMiB } from '../timing/index.js';

/** What training took so far. */
export interface Spent {
  /** From the first step on: steps, the search, checkpoints. Neither starting the engine, loading images nor evaluations. */
  readonly trainingSeconds: number;
  /** Part of it until the last decision about the architecture. */
  readonly searchSeconds: number;
  /** Steps until then. */
  readonly searchSteps: number;
  /** Evaluations on the test images while training. */
  readonly evaluationSeconds: number;
  /** Highest resident memory of the process, MiB. */
  readonly peakMiB: number;
}

interface Entry extends Spent {
  /** The step after which it was taken: that of a checkpoint, from which a resumed training goes on. */
  readonly step: number;
}

const NOTHING: Spent = { trainingSeconds: 0, searchSeconds: 0, searchSteps: 0, evaluationSeconds: 0, peakMiB: 0 };

/**
 * Sums up what a training takes, over interruptions, from the times between its events. Saved beside the checkpoints, not in
 * them: they must not differ between two runs of the same seed. An interruption hides what was lost by it, and the first step
 * after it.
 */
export class TrialClock {
  readonly #path: string;
  readonly #now: () => number;
  #entries: Entry[];
  #spent: Spent = NOTHING;
  #last: number | undefined;
  #step = 0;
  #finishing = false;

  constructor(path: string, resume: boolean, now: () => number = () => performance.now()) {
    this.#path = path;
    this.#now = now;
    this.#entries = resume && existsSync(path) ? (readJson(path) as Entry[]) : [];
  }

  see(event: NumberedEvent): void {
    const now = this.#now();
    if (this.#last === undefined) this.#goOn(event);
    const seconds = (now - (this.#last ?? now)) / 1000;
    this.#last = now;
    // What lies behind the last step: fusing, verifying, evaluating, exporting.
    if (event.type === 'certificate' && !this.#finishing) {
      this.#add(this.spent());
      this.#finishing = true;
    }
    if (this.#finishing) return;
    if (event.type === 'step') this.#step = event.step;
    if (event.type === 'evaluation') this.#add({ evaluationSeconds: this.#spent.evaluationSeconds + seconds });
    else this.#add({ trainingSeconds: this.#spent.trainingSeconds + seconds });
    // What is decided before the first step was not searched for.
    if (event.type === 'architecture' && event.step > 0)
      this.#add({ searchSeconds: this.#spent.trainingSeconds, searchSteps: event.step });
    if (event.type === 'checkpoint') this.save(event.step);
  }

  /** Called when the training is interrupted: it goes on from the step it got to. */
  save(step = this.#step): void {
    // Nothing happened since the last time, or nothing counts any more.
    if (this.#last === undefined || this.#finishing) return;
    this.#entries = [...this.#entries.filter((entry) => entry.step < step), { step, ...this.spent() }];
    writeFileAtomic(this.#path, JSON.stringify(this.#entries));
  }

  spent(): Spent {
    if (this.#finishing) return this.#spent;
    return { ...this.#spent, peakMiB: Math.max(this.#spent.peakMiB, peakMiB()) };
  }

  #add(part: Partial<Spent>): void {
    this.#spent = { ...this.#spent, ...part };
  }

  /** Finds what was spent up to the checkpoint that the training goes on from: its first event tells which. */
  #goOn(event: NumberedEvent): void {
    const done = 'step' in event ? event.step - (event.type === 'step' ? 1 : 0) : undefined;
    const from =
      event.type === 'run-started' ? undefined : this.#entries.findLast(({ step }) => step <= (done ?? step));
    if (!from) return;
    const { step, ...spent } = from;
    this.#spent = spent;
    this.#step = step;
  }
}
