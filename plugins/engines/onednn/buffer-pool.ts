import type { AddressOf } from './ffi/library.js';

/** Bytes of the widest vectors: arrays begin at a multiple, which some operations of the library rely on. */
const VECTOR = 64;

/** How much larger an unused array may be than what it is asked for. */
const SLACK = 2;

type Marked = ArrayBufferLike & Record<symbol, Float32Array | undefined>;

/**
 * Float32Arrays that come back: a fresh one for every output costs a third of a training step in page faults. Knows its
 * own arrays; one that a caller handed in, or that someone else holds, is never taken back. Where none of a length is unused,
 * the beginning of a longer one serves: steps of a supernet ask for other lengths each time.
 */
export class BufferPool {
  /** Whole arrays by their length. */
  readonly #unused = new Map<number, Float32Array[]>();
  /** All lengths that have come back, in ascending order. */
  readonly #lengths: number[] = [];
  /** Stands for the whole array on the memory of its own: a WeakMap is looked up more slowly than a small kernel runs. */
  readonly #whole = Symbol('whole');
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
    const found = this.#unused.get(length)?.pop() ?? this.#longer(length);
    if (!found) return this.#allocate(length);
    this.#bytes -= found.byteLength;
    return found.length === length ? found : found.subarray(0, length);
  }

  /** The shortest unused array that is long enough, unless most of it would be left over. */
  #longer(length: number): Float32Array | undefined {
    for (let at = this.#place(length + 1); at < this.#lengths.length; at++) {
      const size = this.#lengths[at] as number;
      if (size > SLACK * length) return undefined;
      const found = this.#unused.get(size)?.pop();
      if (found) return found;
    }
    return undefined;
  }

  /** Of the first length that is not below this one. */
  #place(length: number): number {
    let [from, to] = [0, this.#lengths.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#lengths[middle] as number) < length) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #allocate(length: number): Float32Array {
    const memory = new ArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT + VECTOR);
    const beyond = this.#addressOf(new Uint8Array(memory)) % VECTOR;
    const array = new Float32Array(memory, (VECTOR - beyond) % VECTOR, length);
    this.#mark(array, array);
    return array;
  }

  owns(array: ArrayBufferView): boolean {
    return (array.buffer as Marked)[this.#whole] !== undefined;
  }

  /** Someone else may read this memory from now on: it will not be used again. */
  abandon(array: ArrayBufferView): void {
    if (this.owns(array)) this.#mark(array, undefined);
  }

  /** Takes back an array of its own; all others are left to the garbage collector. */
  release(array: Float32Array): void {
    const whole = (array.buffer as Marked)[this.#whole];
    if (!whole) return;
    if (this.#bytes + whole.byteLength > this.#capacity) {
      this.#mark(array, undefined);
      return;
    }
    const list = this.#unused.get(whole.length);
    if (list) list.push(whole);
    else {
      this.#unused.set(whole.length, [whole]);
      this.#lengths.splice(this.#place(whole.length), 0, whole.length);
    }
    this.#bytes += whole.byteLength;
  }

  #mark(array: ArrayBufferView, whole: Float32Array | undefined): void {
    (array.buffer as Marked)[this.#whole] = whole;
  }

  clear(): void {
    this.#unused.clear();
    this.#lengths.length = 0;
    this.#bytes = 0;
  }
}
