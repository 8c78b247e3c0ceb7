/** Where a training stands: everything a resumed one needs besides weights and parts' own state. JSON. */
export interface Cursor {
  /** Index of the phase. */
  phase: number;
  /** Whether the phase's preparations (freezing, say) are done. */
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
  /** How often each gate was active in the epoch so far. */
  sampled: number[];
  /** Highest test accuracy so far, and at which step. */
  best: { accuracy: number; step: number } | null;
}

export const start = (gates: number): Cursor => ({
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
