import * as tf from '@tensorflow/tfjs-core';
import { BACKEND, type NodeBackend } from '../backend.js';

/** A kernel of this engine: inputs by name or position, attributes as the operation defines them. */
export interface NodeKernel {
  readonly name: string;
  /** Undefined where the call is left to what the backend had under this name. */
  run(
    inputs: Readonly<Record<string, tf.Tensor>>,
    attributes: object,
    backend: NodeBackend,
  ): tf.Tensor | tf.Tensor[] | undefined;
}

/** TensorFlow.js types inputs and attributes more narrowly than it treats them; this is the one place that says so. */
export const kernel = <Inputs, Attributes = Record<string, never>>(
  name: string,
  run: (inputs: Inputs, attributes: Attributes, backend: NodeBackend) => tf.Tensor | tf.Tensor[] | undefined,
): NodeKernel => ({
  name,
  run: (inputs, attributes, backend) => run(inputs as Inputs, attributes as Attributes, backend),
});

/** Puts kernels in the place of those that a backend has under their names, which take over what is left to them. */
export function registerKernels(kernels: readonly NodeKernel[], backendName = BACKEND): void {
  for (const { name, run } of kernels) {
    const former = tf.getKernel(name, backendName);
    tf.unregisterKernel(name, backendName);
    tf.registerKernel({
      kernelName: name,
      backendName,
      kernelFunc: (call) => {
        const inputs = call.inputs as unknown as Record<string, tf.Tensor>;
        const backend = call.backend as NodeBackend;
        return tf.tidy(() => run(inputs, call.attrs ?? {}, backend)) ?? former.kernelFunc(call);
      },
    });
  }
}
