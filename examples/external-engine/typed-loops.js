import { MathBackendCPU, version_cpu } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { API_VERSION, defineEngine, definePlugin } from 'repnas';
import {
  correctKernels,
  KERNELS,
  MemoryMeter,
  registerComposedKernels,
  registerKernelCosts,
  registerReplay,
  releaseBackend,
} from 'repnas/engine';
import { z } from 'zod';

export const BACKEND = 'typed-loops';
const DEVICE = 'CPU, 1 thread, typed arrays';

/** Nanoseconds for a multiply-add, a value and a call: only their ratios matter. `measure.mjs` gives the first. */
const COSTS = { forward: 2, input: 4, kernel: 4, product: 4, values: 4, calls: 10_000 };

export const typedLoops = defineEngine({
  name: BACKEND,
  summary: 'loops over typed arrays on one thread',
  options: z.strictObject({}),
  order: 50,
  probe: async () => ({ available: true, device: DEVICE }),
  start,
});

let prepared = false;

async function start() {
  if (!prepared) prepare();
  prepared = true;
  await tf.setBackend(BACKEND);
  const meter = new MemoryMeter(tf.backend().data);
  return {
    backend: BACKEND,
    device: DEVICE,
    versions: { '@tensorflow/tfjs-core': tf.version_core, '@tensorflow/tfjs-backend-cpu': version_cpu },
    memory: () => meter.read(),
    resetPeak: () => meter.resetPeak(),
    stop: async () => releaseBackend(BACKEND),
  };
}

/** Registers the backend, TensorFlow.js' own kernels, the composed forms of repnas', and in their place those below. */
function prepare() {
  // The backend otherwise prints a greeting on its first use.
  tf.registerBackend(BACKEND, () => Object.assign(new MathBackendCPU(), { firstUse: false }));
  tf.copyRegisteredKernels('cpu', BACKEND);
  registerComposedKernels(BACKEND);
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    const composed = tf.getKernel(kernelName, BACKEND).kernelFunc;
    tf.unregisterKernel(kernelName, BACKEND);
    tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc: (call) => kernel(call) ?? composed(call) });
  }
  correctKernels(BACKEND, { losesNaN: [tf.MaxPool, tf.Sign] });
  registerKernelCosts(BACKEND, COSTS);
  registerReplay(BACKEND);
}

/** Each returns undefined for a call that it is not made for. */
const kernels = {
  /** y[p, o] = Σ x[p, i] · kernel[i, o] for kernels of one tap. */
  [KERNELS.convolution]: ({ inputs: { x, kernel }, attrs: { stride, padding, groups }, backend }) => {
    const [height, width, channels, outputs] = kernel.shape;
    const isPointwise =
      height === 1 && width === 1 && stride === 1 && groups === 1 && padding.every((size) => size === 0);
    if (!isPointwise) return undefined;
    const [images, weights] = [valuesOf(x, backend), valuesOf(kernel, backend)];
    const pixels = images.length / channels;
    const y = new Float32Array(pixels * outputs);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const to = pixel * outputs;
      for (let channel = 0; channel < channels; channel++) {
        const value = images[pixel * channels + channel];
        const from = channel * outputs;
        for (let output = 0; output < outputs; output++) y[to + output] += value * weights[from + output];
      }
    }
    return backend.makeTensorInfo([...x.shape.slice(0, 3), outputs], 'float32', y);
  },

  /** dy where the ReLU gave more than zero, else zero. */
  [KERNELS.reluGradient]: ({ inputs: { y, dy }, backend }) => {
    const [outputs, gradients] = [valuesOf(y, backend), valuesOf(dy, backend)];
    const dx = new Float32Array(outputs.length);
    for (let at = 0; at < dx.length; at++) dx[at] = outputs[at] > 0 ? gradients[at] : 0;
    return backend.makeTensorInfo(y.shape, 'float32', dx);
  },

  /** Sum of the squares of all values of all inputs. */
  [KERNELS.squaredNorm]: ({ inputs, backend }) => {
    let sum = 0;
    for (const input of Object.values(inputs)) for (const value of valuesOf(input, backend)) sum += value * value;
    return backend.makeTensorInfo([], 'float32', Float32Array.of(sum));
  },
};

const valuesOf = ({ dataId }, backend) => backend.data.get(dataId).values;

export default definePlugin({
  name: 'repnas-plugin-typed-loops',
  apiVersion: API_VERSION,
  setup: (host) => host.add('engine', typedLoops),
});
