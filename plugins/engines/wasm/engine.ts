import { fileURLToPath } from 'node:url';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineEngine, type EngineProbe, type EngineSession } from '../../../core/contracts/index.js';
import {
  correctKernels,
  type KernelCosts,
  MemoryMeter,
  registerComposedKernels,
  registerKernelCosts,
  releaseBackend,
  type TensorStorage,
} from '../../../core/engine/index.js';
import { aliases } from './kernels/aliases.js';
import { ChannelLoops } from './kernels/channel-loops.js';
import { kernels } from './kernels/index.js';
import { tensorflowMaxPoolGradient } from './kernels/max-pool-gradient.js';
import { reverse } from './kernels/reverse.js';
import { registerReplacements } from './kernels/tensorflow.js';
import { WebAssembly } from './web-assembly.js';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const DEVICE = 'CPU, 1 thread, WebAssembly SIMD';

/**
 * Convolutions by the speeds of `npm run bench:wasm`, the rest by what fits `npm run bench:evaluation -- --engine wasm --cpu --fit`:
 * products of patches, which are made of many small operations here, cost many times what a convolution's multiply-adds do.
 */
const COSTS: KernelCosts = { forward: 0.12, input: 0.14, kernel: 0.25, product: 10, values: 0.5, calls: 100_000 };

/** WebAssembly: as fast as one thread without native code gets, and nothing to install beyond npm packages. */
export const wasm = defineEngine({
  name: 'wasm',
  summary: 'WebAssembly with SIMD on one thread; needs nothing but npm',
  options: z.strictObject({}),
  order: 30,
  probe,
  start,
});

/** A module that does nothing but make a vector. */
const SIMD = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

async function probe(): Promise<EngineProbe> {
  if (!WebAssembly.validate(SIMD)) {
    return {
      available: false,
      reason: 'this processor or Node.js has no WebAssembly SIMD',
      install: 'nothing: choose another engine',
    };
  }
  return { available: true, device: DEVICE };
}

async function start(): Promise<EngineSession> {
  const [{ setWasmPaths, version_wasm }, { registerReference }] = await Promise.all([
    import('@tensorflow/tfjs-backend-wasm'),
    import('../../../core/engine/reference.js'),
  ]);
  setWasmPaths(fileURLToPath(new URL('.', import.meta.resolve(PACKAGE))));
  if (!(await quietly(() => tf.setBackend('wasm'))))
    throw new Error(`the wasm engine did not start; install ${PACKAGE} again`);
  for (const config of kernels) if (!tf.getKernel(config.kernelName, 'wasm')) tf.registerKernel(config);
  registerComposedKernels('wasm');
  registerKernelCosts('wasm', COSTS);
  for (const config of [...aliases, tensorflowMaxPoolGradient, reverse]) {
    tf.unregisterKernel(config.kernelName, 'wasm');
    tf.registerKernel(config);
  }
  registerReplacements('wasm');
  registerReference();
  correctKernels('wasm', {
    lost: {
      kernels: [tf.Relu, tf.Relu6, tf.ClipByValue, tf.Sign, tf.Maximum, tf.Minimum, tf.MaxPool],
      suspects: (tensor) => ChannelLoops.of(tf.backend() as BackendWasm).holdsNaN(tensor),
    },
    isNative: true,
  });
  const meter = new MemoryMeter((tf.backend() as BackendWasm).dataIdMap as unknown as TensorStorage);
  return {
    backend: 'wasm',
    device: DEVICE,
    versions: { '@tensorflow/tfjs-core': tf.version_core, [PACKAGE]: version_wasm },
    memory: () => meter.read(),
    resetPeak: () => meter.resetPeak(),
    stop: () => quietly(() => releaseBackend('wasm')),
  };
}

/**
 * Emscripten adds handlers that rethrow whatever the process did not catch, an exit code and a stack of its own following, and
 * takes handlers away when it ends, those of others among them. The process keeps what it had.
 */
async function quietly<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const listeners = (event: (typeof events)[number]) => process.listeners(event as 'uncaughtException');
  const before = new Map(events.map((event) => [event, listeners(event)]));
  const result = await work();
  for (const [event, kept] of before) {
    const after = listeners(event);
    for (const listener of after) if (!kept.includes(listener)) process.removeListener(event, listener);
    for (const listener of kept) if (!after.includes(listener)) process.on(event, listener);
  }
  return result;
}
