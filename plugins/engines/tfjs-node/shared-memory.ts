import * as tf from '@tensorflow/tfjs-core';
import type { MemoryMeter } from '../../../core/engine/backend.js';

/** Kernels whose result TensorFlow keeps where the input is; the package has an entry of its own for each. */
const SHARING = [tf.Reshape, tf.Identity, tf.ExpandDims];

/** Has a meter count what shares memory once. */
export function countSharedOnce(backend: string, meter: MemoryMeter): void {
  for (const name of SHARING) {
    const kernel = tf.getKernel(name, backend);
    tf.unregisterKernel(name, backend);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (call) => {
        const { x, input = x } = call.inputs as { x?: tf.TensorInfo; input?: tf.TensorInfo };
        return input ? meter.sharing(input.dataId, () => kernel.kernelFunc(call)) : kernel.kernelFunc(call);
      },
    });
  }
}
