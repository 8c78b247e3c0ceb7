import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { tensorflow } from './autodiff/engine.js';
import { registerComposedKernels } from './composed/register.js';
import { correctKernels } from './corrections/index.js';

/** Gives TensorFlow.js' plain JavaScript backend our kernels, and corrects its own: the reference for every engine. */
export function registerReference(): void {
  // Otherwise it greets on its first use, and points to another backend.
  Object.assign(tf.findBackend('cpu'), { firstUse: false });
  registerComposedKernels('cpu');
  correctKernels('cpu', { lost: { kernels: [tf.MaxPool, tf.Sign], suspects: holdsNaN }, isNative: false });
}

function holdsNaN(tensor: tf.TensorInfo): boolean {
  if (tensor.shape.includes(0)) return false;
  const values = tensorflow().readSync(tensor.dataId) as Float32Array;
  for (let at = 0; at < values.length; at++) if (Number.isNaN(values[at])) return true;
  return false;
}
