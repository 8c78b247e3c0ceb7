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

/** What a step adds to the figures of its epoch; the mask only while gates are still being chosen. */
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
