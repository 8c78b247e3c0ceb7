import * as tf from '@tensorflow/tfjs-core';
import { registerReference } from '../engine/reference.js';

/** Makes TensorFlow.js' plain JavaScript backend the current one: slow, exact, and everywhere. */
export async function useCpu(): Promise<void> {
  registerReference();
  await tf.setBackend('cpu');
}
