import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { FileError, pathInside, readJson } from '../files/index.js';
import type { OpenCheckpoint, TensorSource } from './tensor-source.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * Checkpoints that lie in several files, as Hugging Face's libraries write them: `NAME-00001-of-00002.safetensors` …, with an index
 * that says where each tensor is. The index, its folder and every shard stand for the whole.
 */

const SHARD = /^(.*)-(\d{5})-of-(\d{5})(\.\w+)$/;

const index = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The largest index; a name a line of 100 bytes, that is 300,000 tensors. */
const MAX_INDEX = 32 * 2 ** 20;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Usual names of a checkpoint that a folder holds alone. */
const ALONE = ['model.safetensors', 'pytorch_model.bin', 'diffusion_pytorch_model.safetensors'];

/** The file of a folder that stands for the checkpoint in it; undefined where there is none. */
export function checkpointIn(folder: string): string | undefined {
  if (!isFolder(folder)) return undefined;
  const names = readdirSync(folder).sort();
  const found = [
    ...names.filter((name) => name.endsWith('.index.json')),
    ...names.filter((name) => ALONE.includes(name)),
  ];
  return found[0] === undefined ? undefined : join(folder, found[0]);
}

/** The files that a path stands for; undefined where it is a checkpoint by itself. @throws FileError naming a shard that is missing */
export function shardsOf(path: string): readonly string[] | undefined {
  const folder = dirname(path);
  const [, stem, , count, ending] = SHARD.exec(basename(path)) ?? [];
  if (stem !== undefined) {
    const total = Number(count);
    const names = Array.from(
      { length: Math.min(total, 100_000) },
      (_, at) => `${stem}-${String(at + 1).padStart(5, '0')}-of-${count}${ending}`,
    );
    const missing = names.find((name) => statSync(join(folder, name), { throwIfNoEntry: false }) === undefined);
    if (missing !== undefined)
      throw new FileError(path, `is one of ${total} parts of a checkpoint, and '${missing}' is not beside it`);
    return names.map((name) => join(folder, name));
  }
  return basename(path).endsWith('.json') ? listed(path, folder) : undefined;
}

function listed(path: string, folder: string): readonly string[] {
  const parsed = index.safeParse(readJson(path, { maxBytes: MAX_INDEX }));
  if (!parsed.success) throw new FileError(path, "is no index of shards: expected a 'weight_map' of files by tensor");
  return [...new Set(Object.values(parsed.data.weight_map))].map((name) => pathInside(folder, name));
}

/** Several open checkpoints as one. @throws Error naming a tensor that two of them hold */
export function joined(parts: readonly OpenCheckpoint[]): OpenCheckpoint {
  const holders = new Map<string, TensorSource>();
  const shapes = new Map<string, readonly number[]>();
  for (const { tensors } of parts) {
    for (const [name, shape] of tensors.shapes) {
      if (holders.has(name)) throw new CheckpointError(`two parts of the checkpoint hold tensor '${name}'`);
      holders.set(name, tensors);
      shapes.set(name, shape);
    }
  }
  const read: TensorSource['read'] = async (name) => {
    const holder = holders.get(name);
    if (!holder) throw new CheckpointError(`there is no tensor '${name}'`);
    return holder.read(name);
  };
  return {
    tensors: { shapes, read },
    notes: [...new Set(parts.flatMap(({ notes }) => notes)), `read ${parts.length} parts of one checkpoint`],
    close: async () => {
      for (const part of parts) await part.close();
    },
  };
}
