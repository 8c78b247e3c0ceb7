import type { AddressOf } from './library.js';

/** Bytes of the widest vectors: arrays begin at a multiple, which some operations of the library rely on. */
const VECTOR = 64;

type Marked = ArrayBufferLike & Record<symbol, boolean | undefined>;

/**
 * Float32Arrays that come back: a fresh one for every output costs a third of a training step in page faults. Knows its
 * own arrays; one that a caller handed in, or that someone else holds, is never taken back.
 */
export class BufferPool {
  readonly #free = new Map<number, Float32Array[]>();
  /** Stands on the memory of its own arrays: a WeakSet is looked up more slowly than a small kernel runs. */
  readonly #own = Symbol('own');
  readonly #capacity: number;
  readonly #addressOf: AddressOf;
  #bytes = 0;

  /** Keeps at most `capacity` bytes of unused arrays; `addressOf` tells where memory lies. */
  constructor(capacity: number, addressOf: AddressOf) {
    this.#capacity = capacity;
    this.#addressOf = addressOf;
  }

  /** Bytes of unused arrays. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `length` values, of whatever they were before. */
  acquire(length: number): Float32Array {
    const found = this.#free.get(length)?.pop();
    if (found) {
      this.#bytes -= found.byteLength;
      return found;
    }
    const array = this.#allocate(length);
    this.#mark(array, true);
    return array;
  }

  #allocate(length: number): Float32Array {
    const memory = new ArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT + VECTOR);
    const beyond = this.#addressOf(new Uint8Array(memory)) % VECTOR;
    return new Float32Array(memory, (VECTOR - beyond) % VECTOR, length);
  }

  owns(array: ArrayBufferView): boolean {
    return (array.buffer as Marked)[this.#own] === true;
  }

  /** Someone else may read this memory from now on: it will not be used again. */
  abandon(array: ArrayBufferView): void {
    if (this.owns(array)) this.#mark(array, false);
  }

  /** Takes back an array of its own; all others are left to the garbage collector. */
  release(array: Float32Array): void {
    if (!this.owns(array)) return;
    if (this.#bytes + array.byteLength > this.#capacity) {
      this.#mark(array, false);
      return;
    }
    const list = this.#free.get(array.length);
    if (list) list.push(array);
    else this.#free.set(array.length, [array]);
    this.#bytes += array.byteLength;
  }

  #mark(array: ArrayBufferView, own: boolean): void {
    (array.buffer as Marked)[this.#own] = own;
  }

  clear(): void {
    this.#free.clear();
    this.#bytes = 0;
  }
}
