import { FileError, openRegular, readExactly } from '../files/index.js';
import { type Dtype, sizeOf } from './dtype.js';
import { type PickleValue, unpickleAt } from './pickle.js';
import { PickleError } from './pickle-values.js';
import type { PthFile } from './pth-file.js';
import { tensorReader } from './tensor-reader.js';
import { torchHost } from './torch-globals.js';

/**
 * The format of `torch.save` before 1.6, without a zip archive around it: pickles of a number that marks it, of its version, of the
 * machine it was written on, of what was saved, and of the keys of its storages; then each storage, its length in elements before it.
 */

const VERSION = 1001;

/** What pickles are looked for in; a model's own ones take far less. */
const MAX_PICKLES = 256 * 2 ** 20;

interface Place {
  readonly start: number;
  readonly bytes: number;
}

/** @throws FileError naming the file and what is wrong with it */
export async function openLegacyTorch(path: string): Promise<PthFile> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    const head = await readExactly(file, path, 0, Math.min(size, MAX_PICKLES), 'its pickles');
    const wanted = new Map<string, { readonly bytes: number; readonly dtype: Dtype }>();
    const host = torchHost((key, bytes, dtype) => {
      const before = wanted.get(key);
      if (before && before.bytes !== bytes) throw new PickleError(`storage '${key}' has two lengths`);
      wanted.set(key, { bytes, dtype });
      return key;
    });
    const values: PickleValue[] = [];
    let at = 0;
    for (let pickle = 0; pickle < 5; pickle++) {
      const { value, end } = unpickleAt(head, at, path, host);
      values.push(value);
      at = end;
    }
    const [, version, machine, saved, keys] = values as [unknown, unknown, unknown, PickleValue, unknown];
    if (version !== VERSION) throw new FileError(path, `is of version ${String(version)}; expected ${VERSION}`);
    if (machine instanceof Map && machine.get('little_endian') === false)
      throw new FileError(path, "holds numbers in byte order 'big'; expected 'little'");
    if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string'))
      throw new FileError(path, 'has no list of its storages behind what was saved');
    const places = await placesOf(path, keys, wanted, at, size, (start) =>
      readExactly(file, path, start, 8, 'the length of a storage'),
    );
    const read = tensorReader(async (key) => {
      const { start, bytes } = places.get(key) as Place;
      return readExactly(file, path, start, bytes, `storage '${key}'`);
    });
    return { value: saved, read, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Where each storage lies. @throws FileError when one is missing, or has another length than the pickle says */
async function placesOf(
  path: string,
  keys: readonly string[],
  wanted: ReadonlyMap<string, { readonly bytes: number; readonly dtype: Dtype }>,
  first: number,
  size: number,
  lengthAt: (start: number) => Promise<Uint8Array>,
): Promise<ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>();
  let at = first;
  for (const key of keys) {
    const storage = wanted.get(key);
    if (!storage) throw new FileError(path, `holds a storage '${key}', which nothing names`);
    const { bytes, dtype } = storage;
    const elements = new DataView((await lengthAt(at)).slice().buffer).getBigUint64(0, true);
    const start = at + 8;
    if (elements * BigInt(sizeOf(dtype)) !== BigInt(bytes) || start + bytes > size)
      throw new FileError(
        path,
        `storage '${key}' takes ${bytes} bytes by its pickle, and ${elements} elements by its own head; ${size - start} bytes follow`,
      );
    places.set(key, { start, bytes });
    at = start + bytes;
  }
  const [missing] = [...wanted.keys()].filter((key) => !places.has(key));
  if (missing !== undefined) throw new FileError(path, `storage '${missing}' is missing`);
  return places;
}
