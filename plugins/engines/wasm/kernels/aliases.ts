import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Copies that need no copying. TensorFlow.js' own forms duplicate the data, also of every tensor that is kept for the
 * backward pass.
 */
export const aliases: readonly tf.KernelConfig[] = [
  {
    kernelName: tf.Identity,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => alias(inputs['x'] as tf.TensorInfo, backend as BackendWasm),
  },
];

function alias({ dataId, shape, dtype }: tf.TensorInfo, backend: BackendWasm): tf.TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}
