import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { registerComposedKernels } from '../../../core/engine/index.js';

/** Makes TensorFlow.js' plain JavaScript backend, with the composed kernels, the current one. */
export async function useCpu(): Promise<void> {
  Object.assign(tf.findBackend('cpu'), { firstUse: false });
  await tf.setBackend('cpu');
  registerComposedKernels('cpu');
}
