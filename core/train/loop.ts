import { setImmediate } from 'node:timers/promises';
import { concat, defer, EMPTY, from, type Observable, of, repeat } from 'rxjs';
import type { RunEvent } from '../contracts/events.js';
import type { Training } from './training.js';

export interface LoopControl {
  /** Ends the stream after the running step. */
  readonly signal: AbortSignal;
  /** Takes a snapshot and starts to write it; called between two steps. Absent: no checkpoints. */
  readonly checkpoint?: Checkpointing | undefined;
}

export interface Checkpointing {
  readonly everyEpochs: number;
  readonly everySteps: number | false;
  save(): Promise<RunEvent>;
}

/**
 * A training as a stream: phases of epochs of steps. Cold; a step is computed when the stream is pulled for it, and the next
 * one not before every subscriber has returned. RxJS has no back-pressure, so each epoch is an async generator and operators
 * put the epochs together.
 */
export function trainingEvents(training: Training, control: LoopControl): Observable<RunEvent> {
  const generated = (make: () => AsyncIterable<RunEvent>) => defer(() => from(make()));
  const epoch$ = concat(
    generated(() => checkpointed(training, control)),
    // One unit: a run that is stopped while it evaluates must not miss the checkpoint that is due after it.
    unlessAborted(
      control,
      concat(
        generated(() => training.endEpoch()),
        generated(() => epochCheckpoint(training, control)),
      ),
    ),
  );
  const phase$ = concat(
    generated(() => training.enterPhase()),
    whilst(() => !control.signal.aborted && !training.leavePhase(), epoch$),
  );
  return whilst(() => !control.signal.aborted && !training.finished, phase$);
}

const unlessAborted = <T>({ signal }: LoopControl, source: Observable<T>): Observable<T> =>
  defer(() => (signal.aborted ? EMPTY : source));

/** Subscribes again and again as long as the condition holds. */
const whilst = <T>(condition: () => boolean, source: Observable<T>): Observable<T> =>
  defer(() => (condition() ? source.pipe(repeat({ delay: () => (condition() ? of(true) : EMPTY) })) : EMPTY));

/** The steps of an epoch, stopping after the one during which the signal fired. */
async function* checkpointed(training: Training, { signal, checkpoint }: LoopControl): AsyncGenerator<RunEvent> {
  for await (const event of training.steps()) {
    yield event;
    const { everySteps = false, save } = checkpoint ?? {};
    if (save && everySteps && training.cursor.step % everySteps === 0) yield await save.call(checkpoint);
    // Signals and timers are only served between macrotasks, and a CPU engine never waits for one.
    await setImmediate();
    if (signal.aborted) return;
  }
}

async function* epochCheckpoint(training: Training, { checkpoint }: LoopControl): AsyncGenerator<RunEvent> {
  const due = training.lastEpochDone || training.cursor.epochs % (checkpoint?.everyEpochs ?? 1) === 0;
  if (checkpoint && due) yield await checkpoint.save();
}
