import * as tf from '@tensorflow/tfjs-core';
import { registerReference } from '../../../core/engine/reference.js';

/** Makes TensorFlow.js' plain JavaScript backend, with the composed kernels, the current one. */
export async function useCpu(): Promise<void> {
  registerReference();
  await tf.setBackend('cpu');
}
