/**
 * Where a training stands and how far it has to go: a cursor that a checkpoint holds, and the schedule of phases, epochs and steps that
 * it moves along.
 */
import type { Phase, StepPosition } from '../contracts/strategy.js';

/** Position of a training: everything a resumed one needs besides weights and parts' own state. JSON. */
export interface Cursor {
  /** Index of the phase. */
  phase: number;
  /** True if the phase's preparations (freezing, say) are done. */
  entered: boolean;
  /** Epochs done in the phase. */
  epoch: number;
  /** Batches done in the epoch. */
  batch: number;
  /** Steps done in the run. */
  step: number;
  /** Epochs done in the run. */
  epochs: number;
  /** Sums over the steps of the epoch so far. */
  lossSum: number;
  correct: number;
  images: number;
  /** Number of steps of the epoch so far in which each gate was active. */
  sampled: number[];
  /** Highest test accuracy so far, and at which step. */
  best: { accuracy: number; step: number } | null;
}

export const startCursor = (gates: number): Cursor => ({
  phase: 0,
  entered: false,
  epoch: 0,
  batch: 0,
  step: 0,
  epochs: 0,
  lossSum: 0,
  correct: 0,
  images: 0,
  sampled: new Array<number>(gates).fill(0),
  best: null,
});

/** Figures that a step adds to those of its epoch; the mask only while gates are still being chosen. */
export interface StepFigures {
  readonly images: number;
  readonly loss: number;
  readonly correct: number;
  readonly mask?: Uint8Array;
}

export function countStep(cursor: Cursor, { images, loss, correct, mask }: StepFigures): void {
  cursor.step++;
  cursor.batch++;
  cursor.images += images;
  cursor.lossSum += loss * images;
  cursor.correct += correct;
  for (const [gate, kept] of mask?.entries() ?? []) cursor.sampled[gate] = (cursor.sampled[gate] ?? 0) + kept;
}

export function nextEpoch(cursor: Cursor): void {
  cursor.epoch++;
  cursor.epochs++;
  cursor.batch = 0;
  cursor.lossSum = 0;
  cursor.correct = 0;
  cursor.images = 0;
  cursor.sampled.fill(0);
}

export function nextPhase(cursor: Cursor): void {
  cursor.phase++;
  cursor.entered = false;
  cursor.epoch = 0;
}

/** The phases of a training with their lengths; says what a cursor stands at. */
export class PhaseSchedule {
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

  /** Returns the cursor's phase. @throws Error after the last one. */
  phase(cursor: Cursor): Phase {
    const phase = this.#phases[cursor.phase];
    if (!phase) throw new Error('the training is over');
    return phase;
  }

  /** Returns the fraction of the run's steps that are done, 0 at the first step. */
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
