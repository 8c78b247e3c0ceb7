import * as tf from '@tensorflow/tfjs-core';

/** Buffers that every device lets one shader bind (WebGPU's least for `maxStorageBuffersPerShaderStage`); one is written to. */
const MOST_READ = 8 - 1;

const registered = new Set<string>();

/** TensorFlow.js adds all tensors in one shader, which no device takes where they are many: they are added by as many as it does. */
export function registerAddN(backendName: string): void {
  if (registered.has(backendName)) return;
  registered.add(backendName);
  const inOneShader = tf.getKernel(tf.AddN, backendName);
  tf.unregisterKernel(tf.AddN, backendName);
  tf.registerKernel({
    ...inOneShader,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const add = (tensors: readonly tf.TensorInfo[]): tf.TensorInfo =>
        inOneShader.kernelFunc({
          inputs: tensors as unknown as tf.NamedTensorInfoMap,
          backend,
          attrs: attrs as tf.NamedAttrMap,
        }) as tf.TensorInfo;
      const tensors = Object.values(inputs) as tf.TensorInfo[];
      let sum = add(tensors.slice(0, MOST_READ));
      for (let at = MOST_READ; at < tensors.length; at += MOST_READ - 1) {
        const before = sum;
        sum = add([before, ...tensors.slice(at, at + MOST_READ - 1)]);
        (backend as tf.KernelBackend).disposeData(before.dataId);
      }
      return sum;
    },
  });
}
