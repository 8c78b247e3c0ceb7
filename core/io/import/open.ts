import { statSync } from 'node:fs';
import { FileError } from '../files/index.js';
import { openNpz } from '../formats/npz.js';
import { openPth } from '../formats/pth.js';
import { openSafetensors } from '../formats/safetensors-file.js';
import { type FileStart, startOf } from '../formats/starts.js';
import { openStoredZip } from '../formats/stored-zip.js';
import { describedNetwork } from './described-network.js';
import { paddleNames } from './paddle-names.js';
import { plainNames } from './plain-names.js';
import { checkpointIn, joined, shardsOf } from './shards.js';
import { findStateDict } from './state-dict.js';
import type { OpenCheckpoint, TensorSource } from './tensor-source.js';

export interface OpenOptions {
  /** Take averaged weights (EMA) where the checkpoint has both. @default true */
  readonly average?: boolean;
  /** Where in the file the weights are, keys joined by dots. @default found by their usual names */
  readonly key?: string | undefined;
}

/** What is to be done with files of other kinds. */
const ELSEWHERE: Partial<Record<FileStart, string>> = {
  gzip: 'is packed by gzip; unpack it first (gunzip, tar xzf)',
  tar: 'is a tar archive; unpack it, and name the checkpoint in it',
  hdf5: 'is in HDF5, which Keras and MATLAB write; save the weights as safetensors or as an npz of the PyTorch names',
  npy: 'is a single array of numpy; expected all of a state dict (np.savez, torch.save, safetensors)',
  gguf: 'is in GGUF, which holds language models; expected a state dict of convolutions',
  unknown:
    'begins as no kind of checkpoint that is known: safetensors, torch.save, TorchScript, npz, a pickle of arrays',
};

/**
 * Opens a training checkpoint: safetensors, what `torch.save` wrote, TorchScript, numpy's archives, one file or several, told apart
 * by their first bytes. Nothing in it is run.
 *
 * @param path a file, an index of several, or the folder that holds one
 * @throws FileError naming the file and what is wrong with it
 */
export async function openCheckpoint(path: string, options: OpenOptions = {}): Promise<OpenCheckpoint> {
  const file = checkpointIn(path) ?? path;
  const shards = shardsOf(file);
  if (!shards) return openFile(file, options);
  const parts: OpenCheckpoint[] = [];
  try {
    for (const shard of shards) parts.push(await openFile(shard, options));
    return joined(parts);
  } catch (error) {
    for (const part of parts) await part.close();
    throw error instanceof FileError ? error : new FileError(path, (error as Error).message, { cause: error });
  }
}

async function openFile(path: string, options: OpenOptions): Promise<OpenCheckpoint> {
  const start = await startOf(path);
  switch (start) {
    case 'safetensors':
      return openSafe(path, options);
    case 'zip':
      return (await isNpz(path)) ? openNumpy(path, options) : openTorch(path, options);
    case 'pickle':
    case 'legacy-torch':
      return openTorch(path, options);
    case 'json':
      throw new FileError(path, 'is JSON; of that only an index of shards (….index.json) is read');
    default:
      throw new FileError(path, ELSEWHERE[start] ?? ELSEWHERE.unknown ?? '');
  }
}

async function isNpz(path: string): Promise<boolean> {
  const zip = await openStoredZip(path);
  try {
    return [...zip.records.keys()].some((name) => name.endsWith('.npy'));
  } finally {
    await zip.close();
  }
}

async function openSafe(path: string, { average = true }: OpenOptions): Promise<OpenCheckpoint> {
  const file = await openSafetensors(path);
  return opened(path, file, async () => {
    const { source, notes } = plainNames(file, average);
    const described = describedNetwork(file.metadata, path);
    return { tensors: source, ...(described && { described }), notes };
  });
}

async function openNumpy(path: string, { average = true }: OpenOptions): Promise<OpenCheckpoint> {
  const file = await openNpz(path);
  return opened(path, file, async () => {
    const { source, notes } = plainNames(paddleNames(file), average);
    return { tensors: source, notes };
  });
}

async function openTorch(path: string, { average = true, key }: OpenOptions): Promise<OpenCheckpoint> {
  const file = await openPth(path);
  return opened(path, file, async () => {
    const { tensors, facts, notes: from } = findStateDict(file.value, { average, key }, file.script);
    const bytes = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0);
    const size = statSync(path).size;
    if (bytes > VIEWS * size)
      throw new FileError(path, `has ${size} bytes, and tensors that take ${bytes}: they lie over one another`);
    const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
    const read: TensorSource['read'] = async (name) => {
      const tensor = tensors.get(name);
      if (!tensor) throw new FileError(path, `has no tensor '${name}'`);
      return (await file.read(tensor)).values;
    };
    const { source, notes } = plainNames(paddleNames({ shapes, read, ...(facts && { facts }) }), average);
    return { tensors: source, notes: [...from, ...notes] };
  });
}

/** How often tensors may share their bytes: tied weights do, and no network ties more than a few. */
const VIEWS = 4;

/** Closes the file again where it holds nothing that is understood. */
async function opened(
  path: string,
  file: { close(): Promise<void> },
  understand: () => Promise<Omit<OpenCheckpoint, 'close'>>,
): Promise<OpenCheckpoint> {
  try {
    return { ...(await understand()), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error instanceof FileError ? error : new FileError(path, (error as Error).message, { cause: error });
  }
}
