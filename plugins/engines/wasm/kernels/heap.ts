import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelName } from '../../../../core/ops/index.js';

/** A kernel of this engine, written in JavaScript on WebAssembly's own memory. */
export const heapKernel = <Inputs, Attributes>(
  kernelName: KernelName,
  run: (backend: BackendWasm, inputs: Inputs, attributes: Attributes) => tf.TensorInfo,
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

/** `[rows, inner]` · `[inner, columns]`, by the backend's own kernel. */
export function multiply(backend: BackendWasm, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
  const kernel = tf.getKernel(tf.BatchMatMul, 'wasm');
  if (!kernel) throw new Error('the wasm backend has no matrix product');
  const inputs = { a: { ...a, shape: [1, ...a.shape] }, b: { ...b, shape: [1, ...b.shape] } };
  return kernel.kernelFunc({ inputs, backend, attrs: { transposeA: false, transposeB: false } }) as tf.TensorInfo;
}
