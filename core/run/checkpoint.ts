import type { StateRecord } from '../contracts/state.js';
import { encodeSafetensors } from '../formats/safetensors.js';

export const ARRAYS = 'arrays.safetensors';
export const VALUES = 'state.json';
export const MANIFEST = 'manifest.json';

/** The version of what lies in a checkpoint's folder. */
export const CHECKPOINT_VERSION = 1;

/** Where a checkpoint stands in a run: the steps done, and which one of several after the same step. */
export interface CheckpointPlace {
  readonly step: number;
  /** 1, and counting where more than one checkpoint was taken between two steps. */
  readonly revision: number;
}

/** `step-00001234`, or `step-00001234-2` for the second one between the same two steps. */
export const checkpointName = ({ step, revision }: CheckpointPlace): string =>
  `step-${String(step).padStart(8, '0')}${revision > 1 ? `-${revision}` : ''}`;

export function parseCheckpointName(name: string): CheckpointPlace | undefined {
  const [, step, revision = '1'] = /^step-(\d{8,15})(?:-([1-9]\d{0,5}))?$/.exec(name) ?? [];
  return step === undefined ? undefined : { step: Number(step), revision: Number(revision) };
}

/** Newest first. */
export const byAge = (a: CheckpointPlace, b: CheckpointPlace): number => b.step - a.step || b.revision - a.revision;

/** The contents of a checkpoint's files: a copy of all that decides how the run goes on. */
export interface Snapshot {
  readonly arrays: Uint8Array;
  readonly values: Uint8Array;
}

/** Copies a state into the form it is written in. This is all that a training waits for; buffers are the snapshot's own. */
export function takeSnapshot({ arrays, values }: StateRecord): Snapshot {
  const tensors = Object.entries(arrays).map(
    ([name, array]) => [name, { shape: [array.length], values: array }] as const,
  );
  return {
    arrays: encodeSafetensors(new Map(tensors)),
    values: new TextEncoder().encode(JSON.stringify(values, refuseLossy)),
  };
}

/** JSON would make `null` of these in silence, and the resumed run would go on from something else. */
function refuseLossy(key: string, value: unknown): unknown {
  if ((typeof value === 'number' && !Number.isFinite(value)) || typeof value === 'function')
    throw new TypeError(`the state's '${key}' is ${String(value)}, which a checkpoint cannot hold`);
  return value;
}
