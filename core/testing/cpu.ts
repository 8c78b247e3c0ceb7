import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { registerComposedKernels } from '../engine/index.js';

/** Makes TensorFlow.js' plain JavaScript backend the current one: slow, exact, and everywhere. */
export async function useCpu(): Promise<void> {
  // Otherwise the backend greets on its first use, and points to another one.
  Object.assign(tf.findBackend('cpu'), { firstUse: false });
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
}
