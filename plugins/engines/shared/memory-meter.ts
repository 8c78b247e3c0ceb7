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

/** Memory that one tensor holds, or several that have the same numbers in other shapes. */
interface Held {
  readonly bytes: number;
  holders: number;
}

/**
 * Counts the bytes of all tensors of a backend by seeing them come and go in its storage, what kernels use for a moment
 * included; without a storage it counts what it is told. (`tf.memory()` counts a tensor again for each copy that shares
 * its data.)
 */
export class MemoryMeter {
  readonly #held = new WeakMap<object, Held>();
  #bytes = 0;
  #peakBytes = 0;
  #shared: Held | undefined;

  constructor(storage?: TensorStorage, typeOf = ({ dtype }: StoredTensor): tf.DataType => dtype) {
    if (!storage) return;
    const [set, remove] = [storage.set.bind(storage), storage.delete.bind(storage)];
    storage.set = (dataId, entry) => {
      set(dataId, entry);
      this.#hold(dataId, bytesOf(entry, typeOf(entry)));
    };
    storage.delete = (dataId) => {
      this.#release(dataId);
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

  /** Does something whose result has the memory of a tensor that is there already, for backends whose storage does not tell. */
  sharing<Result>(dataId: object, work: () => Result): Result {
    this.#shared = this.#held.get(dataId);
    try {
      return work();
    } finally {
      this.#shared = undefined;
    }
  }

  #hold(dataId: object, bytes: number): void {
    this.#release(dataId);
    const held = this.#shared?.bytes === bytes ? this.#shared : { bytes, holders: 0 };
    held.holders++;
    this.#held.set(dataId, held);
    if (held.holders === 1) this.add(bytes);
  }

  #release(dataId: object): void {
    const held = this.#held.get(dataId);
    if (!held) return;
    this.#held.delete(dataId);
    if (--held.holders === 0) this.add(-held.bytes);
  }
}

function bytesOf({ shape, values }: StoredTensor, dtype: tf.DataType): number {
  if (dtype === 'string' || dtype === 'complex64') return 0;
  const size = shape ? tf.util.sizeFromShape(shape) : (values?.length ?? 0);
  return size * tf.util.bytesPerElement(dtype);
}
