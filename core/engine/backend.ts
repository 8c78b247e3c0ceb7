/**
 * What an engine says of its backend, and needs to keep an engine's contract: what kernels cost, that they may be replayed, how many bytes
 * its tensors hold, and how it is released.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Amounts of work, by the kinds of kernels that differ in speed. */
export interface Work {
  /** Multiply-adds of convolutions. */
  readonly forward: number;
  /** Multiply-adds of convolutions' input gradients. */
  readonly input: number;
  /** Multiply-adds of convolutions' kernel gradients. */
  readonly kernel: number;
  /** Multiply-adds of matrix products. */
  readonly product: number;
  /** Values read or written. */
  readonly values: number;
  /** Kernels run. */
  readonly calls: number;
}

/** A kind of work. */
export type WorkKind = keyof Work;

/** Nanoseconds for one unit of each kind of work. */
export type KernelCosts = Readonly<Record<WorkKind, number>>;

/** Ratios of an ordinary engine, for engines that have not been measured. */
const ORDINARY: KernelCosts = { forward: 0.02, input: 0.02, kernel: 0.03, product: 0.02, values: 0.4, calls: 10_000 };

const byBackend = new Map<string, KernelCosts>();

/**
 * Registers what work costs on a backend. Only ratios matter: they decide which of several exact methods computes a
 * block. The numbers are fixed, so that the decision, and with it the rounding of a run, is the same every time.
 */
export const registerKernelCosts = (backend: string, costs: KernelCosts): void => void byBackend.set(backend, costs);

/** Returns what work costs on a backend; ordinary ratios if the engine has registered none. */
export const kernelCosts = (backend: string): KernelCosts => byBackend.get(backend) ?? ORDINARY;

/** Returns the nanoseconds that work takes. */
export const timeOf = (work: Work, costs: KernelCosts): number =>
  work.forward * costs.forward +
  work.input * costs.input +
  work.kernel * costs.kernel +
  work.product * costs.product +
  work.values * costs.values +
  work.calls * costs.calls;

const replaying = new Set<string>();

/** Declares that a backend's kernels take and return tensor descriptions (`TensorInfo`), as TensorFlow.js specifies, and may be replayed. */
export const registerReplay = (backend: string): void => void replaying.add(backend);

/** Returns true if a backend's kernels may be replayed. */
export const replays = (backend: string): boolean => replaying.has(backend);

/** Gives back what a TensorFlow.js backend holds; it can be started again. */
export function releaseBackend(name: string): void {
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, factory);
}

/** Type of a tensor's values. */
export type TensorType = 'float32' | 'int32' | 'bool' | 'complex64' | 'string';

/** The map in which a TensorFlow.js backend keeps what it knows of each tensor's data. */
export interface TensorStorage {
  /** Keeps what a tensor holds, from now on. */
  set(dataId: object, entry: StoredTensor): void;
  /** Forgets a tensor. Returns false if it was not there. */
  delete(dataId: object): boolean;
}

/** A tensor in a backend's storage. */
export interface StoredTensor {
  readonly dtype: TensorType;
  readonly shape?: number[];
  readonly values?: { readonly length: number } | null;
}

/** Memory that one tensor holds, or several that have the same numbers in other shapes. */
interface Held {
  readonly bytes: number;
  holders: number;
}

/**
 * Counts the bytes of all tensors of a backend by watching them come and go in its storage, those that a kernel uses for a moment
 * included; without a storage it counts what `add` reports. (`tf.memory()` counts a tensor again for each copy that shares
 * its data.)
 */
export class MemoryMeter {
  readonly #held = new WeakMap<object, Held>();
  #bytes = 0;
  #peakBytes = 0;
  #shared: Held | undefined;

  constructor(storage?: TensorStorage, typeOf = ({ dtype }: StoredTensor): TensorType => dtype) {
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

  /** Returns the bytes in use, and the most since the last reset. */
  read(): { bytes: number; peakBytes: number } {
    return { bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  /** Resets the peak to the bytes in use now. */
  resetPeak(): void {
    this.#peakBytes = this.#bytes;
  }

  /** Adds bytes that are in use without being a tensor's; a negative number takes them off. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#peakBytes) this.#peakBytes = this.#bytes;
  }

  /** Runs work whose result shares the memory of an existing tensor, for backends whose storage does not show it. */
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

function bytesOf({ shape, values }: StoredTensor, dtype: TensorType): number {
  if (dtype === 'string' || dtype === 'complex64') return 0;
  const size = shape ? tf.util.sizeFromShape(shape) : (values?.length ?? 0);
  return size * tf.util.bytesPerElement(dtype);
}
