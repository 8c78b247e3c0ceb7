import type { Phase, StepPosition } from '../contracts/strategy.js';
import type { Cursor } from './cursor.js';

/** How long a training lasts, and how far along it a cursor stands. */
export class Course {
  readonly #phases: readonly Phase[];
  readonly #stepsPerEpoch: number;
  readonly totalEpochs: number;

  constructor(phases: readonly Phase[], stepsPerEpoch: number) {
    this.#phases = phases;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.totalEpochs = phases.reduce((sum, { epochs }) => sum + epochs, 0);
  }

  get totalSteps(): number {
    return this.totalEpochs * this.#stepsPerEpoch;
  }

  /** @throws Error when there is none left. */
  phase(cursor: Cursor): Phase {
    const phase = this.#phases[cursor.phase];
    if (!phase) throw new Error('the training is over');
    return phase;
  }

  /** Over the whole run, 0 at the first step. */
  progress(cursor: Cursor): number {
    return cursor.step / this.totalSteps;
  }

  position(cursor: Cursor): StepPosition {
    const phase = this.phase(cursor);
    const steps = cursor.epoch * this.#stepsPerEpoch + cursor.batch;
    return {
      phase,
      phaseIndex: cursor.phase,
      step: cursor.step,
      epoch: cursor.epochs,
      progress: steps / (phase.epochs * this.#stepsPerEpoch),
      phaseSteps: phase.epochs * this.#stepsPerEpoch,
    };
  }
}
