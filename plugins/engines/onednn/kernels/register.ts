import * as tf from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';

/** The name that TensorFlow.js knows the backend by. */
export const BACKEND = 'onednn';

/** A kernel of this engine: inputs by name or position, attributes as the operation defines them. */
export interface OneDnnKernel {
  readonly name: string;
  run(backend: OneDnnBackend, inputs: tf.NamedTensorInfoMap, attributes: object): tf.TensorInfo | tf.TensorInfo[];
}

/** TensorFlow.js types inputs and attributes more narrowly than it treats them; this is the one place that says so. */
export const kernel = <Inputs, Attributes = Record<string, never>>(
  name: string,
  run: (backend: OneDnnBackend, inputs: Inputs, attributes: Attributes) => tf.TensorInfo | tf.TensorInfo[],
): OneDnnKernel => ({ name, run: run as OneDnnKernel['run'] });

/** A kernel of many small products: signals are held back once for all of them, not for each. */
export const kernelOfProducts = <Inputs, Attributes = Record<string, never>>(
  name: string,
  run: (backend: OneDnnBackend, inputs: Inputs, attributes: Attributes) => tf.TensorInfo | tf.TensorInfo[],
): OneDnnKernel =>
  kernel<Inputs, Attributes>(name, (backend, inputs, attributes) =>
    backend.runtime.uninterrupted(() => run(backend, inputs, attributes)),
  );

/** Puts a kernel in the place of the one that the backend has under its name. */
export function register(backendName: string, { name, run }: OneDnnKernel): void {
  if (tf.getKernel(name, backendName)) tf.unregisterKernel(name, backendName);
  tf.registerKernel({
    kernelName: name,
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => run(backend as OneDnnBackend, inputs, attrs ?? {}),
  });
}

/** What TensorFlow.js' JavaScript backend does; it works on the same arrays. */
export function fallback(
  name: string,
  backend: OneDnnBackend,
  inputs: tf.NamedTensorInfoMap,
  attributes: object,
): tf.TensorInfo | tf.TensorInfo[] {
  const reference = tf.getKernel(name, 'cpu');
  if (!reference) throw new Error(`${name}: TensorFlow.js' cpu backend has no such kernel`);
  return reference.kernelFunc({ inputs, backend, attrs: attributes as tf.NamedAttrMap });
}

/** What this engine does under a name: its own kernel where it has one. */
export function runKernel(
  name: string,
  backend: OneDnnBackend,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  attributes: object = {},
): tf.TensorInfo {
  const { kernelFunc } = tf.getKernel(name, BACKEND);
  return kernelFunc({ inputs, backend, attrs: attributes as tf.NamedAttrMap }) as tf.TensorInfo;
}
