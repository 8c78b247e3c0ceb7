import { extname } from 'node:path';
import { FileError } from '../files/index.js';
import { openPth } from '../formats/pth.js';
import { openSafetensors } from '../formats/safetensors-file.js';
import { describedNetwork } from './described-network.js';
import { findStateDict, plainNames } from './state-dict.js';
import type { OpenCheckpoint, TensorSource } from './tensor-source.js';

export interface OpenOptions {
  /** Take averaged weights (EMA) where the checkpoint has both. @default true */
  readonly average?: boolean;
}

/**
 * Opens a training checkpoint, safetensors or PyTorch's zip format, told apart by the file's name.
 *
 * @throws FileError naming the file and what is wrong with it
 */
export async function openCheckpoint(path: string, { average = true }: OpenOptions = {}): Promise<OpenCheckpoint> {
  switch (extname(path).toLowerCase()) {
    case '.safetensors':
      return openSafe(path, average);
    case '.pth':
    case '.pt':
    case '.ckpt':
    case '.tar':
    case '.bin':
      return openTorch(path, average);
    default:
      throw new FileError(path, 'has no known ending; expected .safetensors, .pth, .pt, .ckpt, .pth.tar or .bin');
  }
}

async function openSafe(path: string, average: boolean): Promise<OpenCheckpoint> {
  const file = await openSafetensors(path);
  try {
    const { source, notes } = plainNames(file, average);
    const described = describedNetwork(file.metadata, path);
    return { tensors: source, ...(described && { described }), notes, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openTorch(path: string, average: boolean): Promise<OpenCheckpoint> {
  const file = await openPth(path);
  try {
    const dict = findStateDict(file.value, average);
    const shapes = new Map([...dict.tensors].map(([name, { shape }]) => [name, shape]));
    const read: TensorSource['read'] = async (name) =>
      (await file.read(found(dict.tensors.get(name), name, path))).values;
    const { source, notes } = plainNames({ shapes, read }, average);
    return { tensors: source, notes: [...dict.notes, ...notes], close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error instanceof FileError ? error : new FileError(path, (error as Error).message, { cause: error });
  }
}

function found<T>(tensor: T | undefined, name: string, path: string): T {
  if (tensor === undefined) throw new FileError(path, `has no tensor '${name}'`);
  return tensor;
}
