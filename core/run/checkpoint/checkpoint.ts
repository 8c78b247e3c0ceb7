import type { StateRecord } from '../../contracts/state.js';
import { encodeSafetensors } from '../../io/formats/safetensors.js';

export const ARRAYS = 'arrays.safetensors';
export const VALUES = 'state.json';
export const MANIFEST = 'manifest.json';

/** Version of the layout of a checkpoint's folder. */
export const CHECKPOINT_VERSION = 1;

/** Position of a checkpoint in a run: the steps done, and its number among several after the same step. */
export interface CheckpointPlace {
  readonly step: number;
  /** Counts from 1 if several checkpoints were due between two steps; 0 if none was due before one of `stopped`. */
  readonly revision: number;
  /**
   * Counts the checkpoints that were taken because somebody stopped the run, and which are no part of it: a run that is stopped
   * must go on as one that is not. 0 for one that was due.
   */
  readonly stopped: number;
}

/** `step-00001234`, `step-00001234-2` for the second one between the same two steps, `step-00001234-2-stopped` for one after it. */
export const checkpointName = ({ step, revision, stopped }: CheckpointPlace): string =>
  [
    `step-${String(step).padStart(8, '0')}`,
    ...(revision > 1 || (revision === 1 && stopped > 0) ? [revision] : []),
    ...(stopped > 0 ? ['stopped'] : []),
    ...(stopped > 1 ? [stopped] : []),
  ].join('-');

const NAME = /^step-(\d{8,15})(?:-([1-9]\d{0,5}))?(?:-(stopped)(?:-([2-9]|[1-9]\d{1,5}))?)?$/;

export function parseCheckpointName(name: string): CheckpointPlace | undefined {
  const [, step, revision, stopped, times = '1'] = NAME.exec(name) ?? [];
  if (step === undefined) return undefined;
  const place = {
    step: Number(step),
    revision: Number(revision ?? (stopped ? 0 : 1)),
    stopped: stopped ? Number(times) : 0,
  };
  return checkpointName(place) === name ? place : undefined;
}

/** Returns the next position. `stopped`: only an interruption asks for it. */
export function nextPlace(step: number, previous: CheckpointPlace | undefined, stopped: boolean): CheckpointPlace {
  const before = previous?.step === step ? previous : { revision: 0, stopped: 0 };
  return stopped
    ? { step, revision: before.revision, stopped: before.stopped + 1 }
    : { step, revision: before.revision + 1, stopped: 0 };
}

/** Sorts the newest first. */
export const byAge = (a: CheckpointPlace, b: CheckpointPlace): number =>
  b.step - a.step || b.revision - a.revision || b.stopped - a.stopped;

/** Contents of a checkpoint's files: a copy of everything that decides how the run goes on. */
export interface Snapshot {
  readonly arrays: Uint8Array;
  readonly values: Uint8Array;
}

/** Encodes a copy of a state. Training waits for this only; the buffers belong to the snapshot. */
export function encodeSnapshot({ arrays, values }: StateRecord): Snapshot {
  const tensors = Object.entries(arrays).map(
    ([name, array]) => [name, { shape: [array.length], values: array }] as const,
  );
  return {
    arrays: encodeSafetensors(new Map(tensors)),
    values: new TextEncoder().encode(JSON.stringify(values, refuseLossy)),
  };
}

/** Throws for values that JSON would silently turn into `null`; the resumed run would go on from something else. */
function refuseLossy(key: string, value: unknown): unknown {
  if ((typeof value === 'number' && !Number.isFinite(value)) || typeof value === 'function')
    throw new TypeError(`the state's '${key}' is ${String(value)}, which a checkpoint cannot hold`);
  return value;
}
