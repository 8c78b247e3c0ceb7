import { FileError, readBytes } from '../files/index.js';
import { openLegacyTorch } from './legacy-torch.js';
import { unpickle } from './pickle.js';
import type { PthFile } from './pth-file.js';
import { openStoredZip, type StoredZip } from './stored-zip.js';
import { startOf } from './starts.js';
import { tensorReader } from './tensor-reader.js';
import { findRecord, torchHost } from './torch-globals.js';
import { scriptFacts } from './torchscript.js';

export type { PthFile } from './pth-file.js';

/** A pickle without a container around it holds all numbers itself. */
const MAX_PICKLE = 2 ** 31;

/**
 * Opens a PyTorch file without running what is in it: the zip format of `torch.save`, the one from before 1.6, TorchScript, or a
 * plain pickle, told apart by their first bytes.
 *
 * @throws FileError naming the file, and the record and byte of what is wrong or not allowed.
 */
export async function openPth(path: string): Promise<PthFile> {
  switch (await startOf(path)) {
    case 'legacy-torch':
      return openLegacyTorch(path);
    case 'pickle':
      return openPickle(path);
    default:
      return openArchive(path);
  }
}

async function openArchive(path: string): Promise<PthFile> {
  const zip = await openStoredZip(path);
  try {
    const folder = folderOf(path, zip);
    await refuseBigEndian(path, zip, folder);
    const pickle = `${folder}data.pkl`;
    const host = torchHost(findRecord(zip.records, folder));
    const value = unpickle(await zip.read(pickle), `${path} (${pickle})`, host);
    const script = await scriptFacts(zip, folder);
    return { value, ...(script && { script }), read: tensorReader((name) => zip.read(name)), close: () => zip.close() };
  } catch (error) {
    await zip.close();
    throw error;
  }
}

async function openPickle(path: string): Promise<PthFile> {
  const host = torchHost(() => '');
  const value = unpickle(readBytes(path, { maxBytes: MAX_PICKLE }), path, host);
  const read = tensorReader(async () => {
    throw new FileError(path, 'names a storage, but is a pickle without any');
  });
  return { value, read, close: async () => {} };
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
