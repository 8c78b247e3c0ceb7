import type { RunEvent } from '../../core/contracts/index.js';
import { Pace } from './pace.js';
import type { Progress } from './words.js';

/** Follows a run's events and tells where it stands. */
export class ProgressTracker {
  readonly #now: () => number;
  readonly #pace = new Pace();
  #progress: Progress | undefined;
  #accuracy: Progress['accuracy'];

  /** @param now milliseconds, of any origin */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Where the run stood after the newest step; absent before the first. */
  get progress(): Progress | undefined {
    if (!this.#progress) return undefined;
    const { step, totalSteps } = this.#progress;
    const pace = this.#pace.perSecond();
    return {
      ...this.#progress,
      accuracy: this.#accuracy,
      rate: pace?.images,
      secondsLeft: pace && pace.steps > 0 ? (totalSteps - step) / pace.steps : undefined,
    };
  }

  see(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
      case 'phase-started':
        this.#pace.start(this.#now());
        return;
      case 'step': {
        const { phase, epoch, step, totalSteps, loss, images } = event;
        this.#pace.step(this.#now(), images);
        this.#progress = { phase, epoch: epoch + 1, step, totalSteps, loss };
        return;
      }
      case 'epoch-ended':
        if (this.#accuracy?.of !== 'test') this.#accuracy = { of: 'train', value: event.trainAccuracy };
        return;
      case 'evaluation':
        this.#accuracy = { of: 'test', value: event.accuracy };
        return;
      case 'gates':
      case 'architecture':
      case 'checkpoint':
      case 'certificate':
      case 'export':
      case 'warning':
      case 'done':
        return;
      default:
        event satisfies never;
    }
  }
}
