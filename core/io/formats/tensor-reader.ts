import type { PthTensor } from './pth-tensor.js';
import type { StoredTensor } from './safetensors.js';

/** Reads tensors out of storages that are read whole. Holds the newest, since tensors that share one usually follow one another. */
export function tensorReader(
  bytesOf: (storage: string) => Promise<Uint8Array>,
): (tensor: PthTensor) => Promise<StoredTensor> {
  let held: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  return async (tensor) => {
    const { dtype, shape, storage, inline } = tensor;
    if (inline) return { dtype, shape, values: tensor.valuesOf(inline) };
    if (held?.name !== storage) held = { name: storage, bytes: await bytesOf(storage) };
    return { dtype, shape, values: tensor.valuesOf(held.bytes) };
  };
}
