/**
 * Shared memory for batches, used again: the collector takes its time with memory that threads share. What a read gave stays
 * as it is until the read after it has ended.
 */
export class BatchBuffers {
  #largest = 0;
  #free: SharedArrayBuffer[] = [];
  #given: SharedArrayBuffer | undefined;

  /** Memory that nobody uses, of at least the given size. */
  take(bytes: number): SharedArrayBuffer {
    this.#largest = Math.max(this.#largest, bytes);
    const buffer = this.#free.pop();
    return buffer && buffer.byteLength >= bytes ? buffer : new SharedArrayBuffer(this.#largest);
  }

  /** Says that a read into this memory has ended, whose result may now be used. */
  give(buffer: SharedArrayBuffer): void {
    if (this.#given) this.#free = [this.#given];
    this.#given = buffer;
  }
}
