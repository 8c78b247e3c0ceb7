import { open } from 'node:fs/promises';
import { FileError } from '../files/index.js';
import { type TensorValues, widen } from './dtype.js';
import { type PickleValue, unpickle } from './pickle.js';
import { contiguous, type PthTensor } from './pth-tensor.js';
import type { StoredTensor } from './safetensors.js';
import { openStoredZip, type StoredZip } from './stored-zip.js';
import { torchHost } from './torch-globals.js';

/** A file that `torch.save` wrote (the zip format of PyTorch 1.6 and later). */
export interface PthFile {
  /** What was saved: dicts are maps, lists and tuples arrays, tensors {@link PthTensor}s. */
  readonly value: PickleValue;
  /** The numbers of one of its tensors, in row-major order. @throws FileError when its record is damaged. */
  read(tensor: PthTensor): Promise<StoredTensor>;
  close(): Promise<void>;
}

/** What pickles of more than a model's tensors and figures would need. */
const MAX_PICKLE = 64 * 2 ** 20;

/**
 * Opens a PyTorch file without running what is in it: its pickle may build plain data and tensors, and name nothing else.
 *
 * @throws FileError naming the file, and the record and byte of what is wrong or not allowed.
 */
export async function openPth(path: string): Promise<PthFile> {
  const zip = await openArchive(path);
  try {
    const folder = folderOf(path, zip);
    await refuseBigEndian(path, zip, folder);
    const pickle = `${folder}data.pkl`;
    const size = zip.records.get(pickle) ?? 0;
    if (size > MAX_PICKLE) throw new FileError(path, `record '${pickle}' has ${size} bytes; at most ${MAX_PICKLE}`);
    const value = unpickle(await zip.read(pickle), `${path} (${pickle})`, torchHost(zip.records, folder));
    return { value, read: reader(zip), close: () => zip.close() };
  } catch (error) {
    await zip.close();
    throw error;
  }
}

async function openArchive(path: string): Promise<StoredZip> {
  try {
    return await openStoredZip(path);
  } catch (error) {
    if (!(await startsAsPickle(path))) throw error;
    const problem = 'is in the format of PyTorch before 1.6; load it in PyTorch and save it again';
    throw new FileError(path, problem, { cause: error });
  }
}

/** The first operation of a pickle states its protocol, 2 in that format. */
async function startsAsPickle(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0).finally(() => file.close());
    return buffer.equals(Buffer.of(0x80, 2));
  } catch {
    return false;
  }
}

/** All records of a file lie in one folder, named after the file or not. */
function folderOf(path: string, zip: StoredZip): string {
  const pickles = [...zip.records.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1)
    throw new FileError(path, `has ${pickles.length} records '…/data.pkl'; torch.save writes one`);
  return (pickles[0] as string).slice(0, -'data.pkl'.length);
}

async function refuseBigEndian(path: string, zip: StoredZip, folder: string): Promise<void> {
  const record = `${folder}byteorder`;
  if (!zip.records.has(record)) return;
  const order = Buffer.from(await zip.read(record)).toString('latin1');
  if (order !== 'little') throw new FileError(path, `holds numbers in byte order '${order}'; expected 'little'`);
}

/** Holds the newest storage, since tensors that share one usually follow one another. */
function reader(zip: StoredZip): PthFile['read'] {
  let held: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  return async (tensor) => {
    if (held?.name !== tensor.storage) held = { name: tensor.storage, bytes: await zip.read(tensor.storage) };
    const values: TensorValues = contiguous(widen(tensor.dtype, held.bytes), tensor);
    return { dtype: tensor.dtype, shape: tensor.shape, values };
  };
}
