/**
 * The training loop: phases of epochs of steps, as a generator of events. A step is computed when the next event is pulled, so whoever
 * reads the events sets the pace; between two steps a checkpoint may be taken, and a signal is obeyed.
 */
import { setImmediate } from 'node:timers/promises';
import type { RunEvent } from '../contracts/events.js';
import type { Training } from './training.js';

export interface LoopControl {
  /** Ends the training after the running step. */
  readonly signal: AbortSignal;
  /** Takes checkpoints. Undefined: none are taken. */
  readonly checkpoint?: Checkpointing | undefined;
}

/** When checkpoints are due, and how one is taken. */
export interface Checkpointing {
  readonly everyEpochs: number;
  readonly everySteps: number | false;
  /** Takes a snapshot and starts to write it; called between two steps. */
  save(): Promise<RunEvent>;
}

/** Trains from the cursor's position to the end, or to the step in which the signal fires. */
export async function* train(training: Training, control: LoopControl): AsyncGenerator<RunEvent> {
  const { signal, checkpoint } = control;
  while (!signal.aborted && !training.finished) {
    yield* training.enterPhase();
    while (!signal.aborted && !training.leavePhase()) {
      yield* steps(training, control);
      if (signal.aborted) return;
      yield* training.endEpoch();
      // Not left out if the signal fired in the meantime: a run that is stopped while it evaluates must not miss it.
      const due = training.lastEpochDone || training.cursor.epochs % (checkpoint?.everyEpochs ?? 1) === 0;
      if (checkpoint && due) yield await checkpoint.save();
    }
  }
}

/** The steps of an epoch, up to the one during which the signal fired. */
async function* steps(training: Training, { signal, checkpoint }: LoopControl): AsyncGenerator<RunEvent> {
  for await (const event of training.steps()) {
    yield event;
    const { everySteps = false } = checkpoint ?? {};
    if (checkpoint && everySteps && training.cursor.step % everySteps === 0) yield await checkpoint.save();
    // Signals and timers are only served between macrotasks, and a CPU engine never waits for one.
    await setImmediate();
    if (signal.aborted) return;
  }
}
