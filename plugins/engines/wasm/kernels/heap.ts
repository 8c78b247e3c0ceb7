import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';

/** A kernel of this engine, written in JavaScript on WebAssembly's own memory. */
export const heapKernel = <Inputs, Attributes>(
  kernelName: string,
  run: (backend: BackendWasm, inputs: Inputs, attributes: Attributes) => tf.TensorInfo | tf.TensorInfo[],
): tf.KernelConfig => ({
  kernelName,
  backendName: 'wasm',
  kernelFunc: ({ inputs, backend, attrs }) =>
    run(backend as BackendWasm, inputs as unknown as Inputs, attrs as unknown as Attributes),
});

/** A tensor whose values are still whatever was there before. */
export const allocate = (backend: BackendWasm, shape: readonly number[]): tf.TensorInfo =>
  backend.makeOutput([...shape], 'float32');

/**
 * A tensor's values where they lie. The memory may move whenever something is allocated: ask for the views after the last
 * allocation.
 */
export const view = (backend: BackendWasm, tensor: tf.TensorInfo): Float32Array =>
  backend.typedArrayFromHeap(tensor) as Float32Array;

/** A tensor of the given values. */
export function create(backend: BackendWasm, shape: readonly number[], values: ArrayLike<number>): tf.TensorInfo {
  const tensor = allocate(backend, shape);
  view(backend, tensor).set(values);
  return tensor;
}

/** A copy of a tensor's values, which no allocation moves. */
export const values = (backend: BackendWasm, tensor: tf.TensorInfo): Float64Array =>
  Float64Array.from(view(backend, tensor));
