import * as tf from '@tensorflow/tfjs-core';

/** Gives back what a TensorFlow.js backend holds; it can be started again. */
export function releaseBackend(name: string): void {
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, factory);
}
