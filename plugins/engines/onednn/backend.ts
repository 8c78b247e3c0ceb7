import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { BufferPool } from './buffer-pool.js';
import { PrimitiveCache } from './primitive-cache.js';
import type { Runtime } from './runtime.js';
import { sizeOf } from './kernels/geometry.js';
import { Storage } from './storage.js';

const MEBIBYTE = 2 ** 20;
const PRIMITIVES = 2048;

/**
 * TensorFlow.js' JavaScript backend on arrays from a pool, with what the kernels in oneDNN need: the library and the compiled
 * operations. Kernels that are not overridden work on the same arrays.
 */
export class OneDnnBackend extends MathBackendCPU {
  override readonly data = new Storage(this, tf.engine());
  readonly runtime: Runtime;
  readonly pool: BufferPool;
  readonly primitives = new PrimitiveCache(PRIMITIVES, (make) => this.runtime.compile(make));
  readonly #attached = new Map<object, { readonly key: string; readonly array: Float32Array }>();

  constructor(runtime: Runtime, poolMegabytes = 1024) {
    super();
    // Otherwise it greets on its first use, and points to another backend.
    Object.assign(this, { firstUse: false });
    this.runtime = runtime;
    this.pool = new BufferPool(poolMegabytes * MEBIBYTE, runtime.addressOf);
  }

  /** Values of a float32 tensor. @throws Error naming kernel and argument where it is anything else. */
  floats(tensor: tf.TensorInfo, kernel: string, argument: string): Float32Array {
    if (tensor.dtype !== 'float32')
      throw new Error(`${kernel}: ${argument} is ${tensor.dtype}, expected float32; cast it first`);
    const { values } = this.data.get(tensor.dataId);
    const array = values instanceof Float32Array ? values : Float32Array.from((values ?? []) as ArrayLike<number>);
    const size = tf.util.sizeFromShape(tensor.shape);
    if (array.length !== size)
      throw new Error(
        `${kernel}: ${argument} of shape [${tensor.shape}] holds ${array.length} values, expected ${size}`,
      );
    return array;
  }

  /** A new tensor and its array, whose values are to be written. */
  output(shape: readonly number[]): { info: tf.TensorInfo; values: Float32Array } {
    const values = this.pool.acquire(sizeOf(shape));
    return { info: this.adopt(values, shape), values };
  }

  /** Makes a tensor of an array from the pool. */
  adopt(values: Float32Array, shape: readonly number[]): tf.TensorInfo {
    // Whoever makes a tensor of it copies the shape.
    const own = shape as number[];
    return { dataId: super.write(values, own, 'float32'), shape: own, dtype: 'float32' };
  }

  /** An array from the pool for the time of `work`. */
  scratch<Result>(length: number, work: (array: Float32Array) => Result): Result {
    const array = this.borrow(length);
    try {
      return work(array);
    } finally {
      this.giveBack(array);
    }
  }

  /** An array from the pool that belongs to no tensor, until it is given back. */
  borrow(length: number): Float32Array {
    const array = this.pool.acquire(length);
    this.data.onBytes(array.byteLength);
    return array;
  }

  giveBack(array: Float32Array): void {
    this.data.onBytes(-array.byteLength);
    this.pool.release(array);
  }

  /** Whether another tensor has the same data. */
  shares({ dataId }: tf.TensorInfo): boolean {
    return this.data.get(dataId).refCount > 1;
  }

  /**
   * Where values go that take the place of a tensor's: over them or, where someone outside may hold that array, into one that is
   * the tensor's from now on. For tensors that share their data with none.
   */
  overwritten({ dataId, shape }: tf.TensorInfo): Float32Array {
    const entry = this.data.get(dataId);
    // Made of the values that were.
    this.#detach(dataId);
    if (entry.values instanceof Float32Array && this.pool.owns(entry.values)) return entry.values;
    const values = this.pool.acquire(tf.util.sizeFromShape(shape));
    entry.values = values;
    return values;
  }

  /** Leaves a borrowed array with a tensor's data to be found again; it goes back when the data goes, or when another comes. */
  attach({ dataId }: tf.TensorInfo, key: string, array: Float32Array): void {
    this.#detach(dataId);
    this.#attached.set(dataId, { key, array });
  }

  /** What was left with a tensor's data under this very key. */
  attached({ dataId }: tf.TensorInfo, key: string): Float32Array | undefined {
    const found = this.#attached.get(dataId);
    return found?.key === key ? found.array : undefined;
  }

  /** Whoever writes a view of a pooled array (a slice, say) shares its memory. */
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    if (ArrayBuffer.isView(values)) this.pool.abandon(values);
    return super.write(values, shape, dtype);
  }

  /** The caller holds the very array from now on. */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const { values } = this.data.get(dataId);
    if (values && ArrayBuffer.isView(values)) this.pool.abandon(values);
    return super.readSync(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    const values = this.data.has(dataId) ? this.data.get(dataId).values : undefined;
    const disposed = super.disposeData(dataId, force);
    if (!disposed) return false;
    if (values instanceof Float32Array) this.pool.release(values);
    this.#detach(dataId);
    return true;
  }

  #detach(dataId: object): void {
    const attached = this.#attached.get(dataId);
    if (!attached) return;
    this.#attached.delete(dataId);
    this.giveBack(attached.array);
  }

  override dispose(): void {
    this.#attached.clear();
    this.primitives.clear();
    this.pool.clear();
    this.runtime.destroy();
  }
}
