import type { TensorSource } from '../../../../core/io/import/tensor-source.js';
import { createRandomSource } from '../../../../core/train/random/index.js';

/** A checkpoint that is only shapes until it is read; the numbers follow from the seed and the name. */
export function randomCheckpoint(shapes: Readonly<Record<string, readonly number[]>>, seed = 1): TensorSource {
  const random = createRandomSource(seed);
  return {
    shapes: new Map(Object.entries(shapes)),
    read: async (name) => {
      const stream = random.stream(name);
      const length = (shapes[name] ?? []).reduce((a, b) => a * b, 1);
      const positive = name.endsWith('running_var');
      return Float32Array.from({ length }, () => (positive ? 0.5 + stream.uniform() : 0.1 * stream.normal()));
    },
  };
}

export const norm = (name: string, channels: number): Record<string, readonly number[]> =>
  Object.fromEntries(['weight', 'bias', 'running_mean', 'running_var'].map((part) => [`${name}.${part}`, [channels]]));

/** A block of RepVGG by its official names. */
export function repvggBlock(name: string, inputs: number, outputs: number, { identity = false } = {}) {
  return {
    [`${name}.rbr_dense.conv.weight`]: [outputs, inputs, 3, 3],
    ...norm(`${name}.rbr_dense.bn`, outputs),
    [`${name}.rbr_1x1.conv.weight`]: [outputs, inputs, 1, 1],
    ...norm(`${name}.rbr_1x1.bn`, outputs),
    ...(identity ? norm(`${name}.rbr_identity`, outputs) : {}),
  };
}

/** A block of RepNAS with the branches of one architecture. */
export function repnasBlock(name: string, inputs: number, outputs: number, { identity = false } = {}) {
  return {
    [`${name}._ops.0.conv.weight`]: [outputs, inputs, 1, 3],
    ...norm(`${name}._ops.0.bn`, outputs),
    [`${name}._ops.1.conv1.conv.weight`]: [outputs, inputs, 1, 1],
    ...norm(`${name}._ops.1.conv1.bn.bn`, outputs),
    ...norm(`${name}._ops.1.bn2`, outputs),
    ...(identity ? norm(`${name}.skip_connect.bn`, outputs) : {}),
  };
}

export const dense = (name: string, features: number, classes: number) => ({
  [`${name}.weight`]: [classes, features],
  [`${name}.bias`]: [classes],
});
