/**
 * The layout of a checkpoint: the name of its folder, the files in it, and the manifest that vouches for them.
 */
import { z } from 'zod';
import type { StateRecord } from '../../contracts/state.js';
import { FileError, readJson, sha256 } from '../../io/files/index.js';
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
   * Counts the checkpoints that an interruption asked for. They are no part of the run, since a run that is stopped must go on as
   * one that is not. 0 for one that was due.
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

const count = z.int().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Schema of a stamp. */
export const fileStamp = z.strictObject({ bytes: count, sha256: digest });

/** Size and SHA-256 of a file. */
export type FileStamp = Readonly<z.output<typeof fileStamp>>;

export const stamp = (bytes: Uint8Array): FileStamp => ({ bytes: bytes.length, sha256: sha256(bytes) });

const schema = z.strictObject({
  format: z.literal('repnas-checkpoint'),
  version: z.literal(CHECKPOINT_VERSION),
  step: count,
  revision: count,
  stopped: count,
  best: z.boolean(),
  files: z.strictObject({ [ARRAYS]: fileStamp, [VALUES]: fileStamp }),
  sha256: digest,
});

/** Lists what a checkpoint's folder holds. Written last, so a folder without one is unfinished. `best`: the best of its run so far. */
export type Manifest = Readonly<Omit<z.output<typeof schema>, 'sha256'>>;

/** Ends with the digest of everything before it, so that changes of the manifest itself are noticed too. */
export const formatManifest = (manifest: Manifest): string =>
  JSON.stringify({ ...manifest, sha256: digestOf(manifest) }, null, 2);

/** @throws FileError if it is not there, or not as it was written. */
export function readManifest(path: string): Manifest {
  const value = readJson(path, { maxBytes: 2 ** 16 });
  const result = schema.safeParse(value);
  if (!result.success) throw new FileError(path, `is no manifest of version ${CHECKPOINT_VERSION}`);
  const { sha256: found, ...manifest } = result.data;
  if (found !== digestOf(manifest)) throw new FileError(path, 'was changed: it does not match its own SHA-256');
  return manifest;
}

function digestOf({ format, version, step, revision, stopped, best, files }: Manifest): string {
  const [arrays, values] = [files[ARRAYS], files[VALUES]];
  return sha256(
    JSON.stringify([
      format,
      version,
      step,
      revision,
      stopped,
      best,
      arrays.bytes,
      arrays.sha256,
      values.bytes,
      values.sha256,
    ]),
  );
}
