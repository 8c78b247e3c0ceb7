import { z } from 'zod';
import { FileError, readJson, sha256 } from '../../io/files/index.js';
import { ARRAYS, CHECKPOINT_VERSION, VALUES } from './checkpoint.js';

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
