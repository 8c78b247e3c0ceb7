import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

export type Entry = ReturnType<MathBackendCPU['data']['get']>;

/**
 * What a backend knows of each tensor's data, kept on the object that stands for the data. TensorFlow.js' own storage is a
 * WeakMap, and its look-ups, several for each tensor that comes and goes, take a noticeable part of a step of small kernels.
 */
export class Storage extends tf.DataStorage<Entry> {
  /** One for each storage: data may be of another backend. */
  readonly #entry = Symbol('entry');
  #count = 0;
  /** Told of bytes that came; fewer where negative. */
  onBytes: (change: number) => void = () => undefined;

  override get(dataId: object): Entry {
    // Where it is of another backend, that has it moved here first.
    if (!this.has(dataId)) super.get(dataId);
    return this.#of(dataId)[this.#entry] as Entry;
  }

  override set(dataId: object, entry: Entry): void {
    this.#count++;
    this.#of(dataId)[this.#entry] = entry;
    this.onBytes(bytesOf(entry));
  }

  override has(dataId: object): boolean {
    return this.#of(dataId)[this.#entry] !== undefined;
  }

  override delete(dataId: object): boolean {
    const entry = this.#of(dataId)[this.#entry];
    if (!entry) return false;
    this.#count--;
    this.#of(dataId)[this.#entry] = undefined;
    this.onBytes(-bytesOf(entry));
    return true;
  }

  override numDataIds(): number {
    return this.#count;
  }

  #of(dataId: object): Record<symbol, Entry | undefined> {
    return dataId as Record<symbol, Entry | undefined>;
  }
}

const bytesOf = ({ values, dtype }: Entry): number =>
  dtype === 'string' || dtype === 'complex64' ? 0 : (values?.length ?? 0) * tf.util.bytesPerElement(dtype);
