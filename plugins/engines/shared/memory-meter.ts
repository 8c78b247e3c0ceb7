import * as tf from '@tensorflow/tfjs-core';

/** Where a TensorFlow.js backend keeps what it knows of each tensor's data. */
export interface TensorStorage {
  set(dataId: object, entry: StoredTensor): void;
  delete(dataId: object): boolean;
}

export interface StoredTensor {
  readonly dtype: tf.DataType;
  readonly shape?: number[];
  readonly values?: { readonly length: number } | null;
}

/**
 * Counts the bytes of all tensors of a backend by seeing them come and go in its storage, what kernels use for a moment
 * included. (`tf.memory()` counts a tensor again for each copy that shares its data.)
 */
export class MemoryMeter {
  readonly #sizes = new WeakMap<object, number>();
  #bytes = 0;
  #peakBytes = 0;

  constructor(storage: TensorStorage, typeOf = ({ dtype }: StoredTensor): tf.DataType => dtype) {
    const [set, remove] = [storage.set.bind(storage), storage.delete.bind(storage)];
    storage.set = (dataId, entry) => {
      set(dataId, entry);
      this.#count(dataId, bytesOf(entry, typeOf(entry)));
    };
    storage.delete = (dataId) => {
      this.#count(dataId, 0);
      return remove(dataId);
    };
  }

  read(): { bytes: number; peakBytes: number } {
    return { bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  resetPeak(): void {
    this.#peakBytes = this.#bytes;
  }

  /** Counts bytes that are in use without being a tensor's; fewer where negative. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#peakBytes) this.#peakBytes = this.#bytes;
  }

  #count(dataId: object, bytes: number): void {
    this.add(bytes - (this.#sizes.get(dataId) ?? 0));
    this.#sizes.set(dataId, bytes);
  }
}

function bytesOf({ shape, values }: StoredTensor, dtype: tf.DataType): number {
  if (dtype === 'string' || dtype === 'complex64') return 0;
  const size = shape ? tf.util.sizeFromShape(shape) : (values?.length ?? 0);
  return size * tf.util.bytesPerElement(dtype);
}
