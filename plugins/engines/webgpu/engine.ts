import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineEngine, type EngineProbe, type EngineSession } from '../../../core/contracts/index.js';
import {
  correctKernels,
  MemoryMeter,
  registerComposedKernels,
  releaseBackend,
  type TensorStorage,
} from '../../../core/engine/index.js';
import { registerAddN } from './add-n.js';
import { Faults } from './faults.js';
import { installGlobals } from './globals.js';
import {
  type Adapter,
  BACKEND_PACKAGE,
  deviceOf,
  type Gpu,
  hasGpuDevice,
  INSTALL_DRIVER,
  INSTALL_PACKAGES,
  isSoftware,
  loadPackage,
} from './library.js';
import { readWhileWaiting, type WebGpuBackend } from './read-sync.js';
import { Ticks } from './ticks.js';

const BACKEND = 'webgpu';

/** Shaders may take it that there are no NaNs; TensorFlow.js' own look for them in some kernels only. */
const LOSING_NAN = [
  ...[tf.Exp, tf.Expm1, tf.Log, tf.Sigmoid, tf.Softplus, tf.Elu, tf.Selu, tf.Relu6, tf.Sign],
  ...[tf.Softmax, tf.LogSoftmax, tf.MaxPool],
];

const options = z.strictObject({
  software: z.boolean().default(false).describe('whether a driver that computes on the CPU will do, which is slow'),
});

type Options = z.output<typeof options>;

/** Any GPU with a driver for Vulkan, Metal or D3D12, through Dawn; no CUDA. */
export const webgpu = defineEngine<Options, 'webgpu'>({
  name: 'webgpu',
  summary: 'any GPU with Vulkan, Metal or D3D12, through the npm packages webgpu and tfjs-backend-webgpu',
  options,
  order: 12,
  probe,
  start,
});

async function probe({ software }: Options): Promise<EngineProbe> {
  try {
    import.meta.resolve(BACKEND_PACKAGE);
    if (!software && !hasGpuDevice())
      return { available: false, reason: 'this machine shows no GPU', install: INSTALL_DRIVER };
    const { create } = await loadPackage();
    const adapter = await adapterOf(create([]));
    if (!adapter) return { available: false, reason: 'no GPU answers', install: INSTALL_DRIVER };
    if (isSoftware(adapter) && !software) {
      const reason = `only a software driver answers (${deviceOf(adapter)}), slower than the engines made for CPUs`;
      return { available: false, reason, install: 'install a driver of the GPU, or set software: true' };
    }
    return { available: true, device: deviceOf(adapter) };
  } catch (error) {
    return { available: false, reason: reasonOf(error), install: INSTALL_PACKAGES };
  }
}

const reasonOf = (error: unknown): string =>
  (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND'
    ? 'its npm packages are not installed'
    : `Dawn does not load: ${error instanceof Error ? error.message : String(error)}`;

const adapterOf = (gpu: Gpu): Promise<Adapter | null> => gpu.requestAdapter({ powerPreference: 'high-performance' });

async function start({ software }: Options): Promise<EngineSession> {
  const ticks = new Ticks();
  const release = ticks.intercept();
  const { create, globals } = await loadPackage();
  const gpu = create([]);
  const adapter = await adapterOf(gpu);
  if (!adapter || (isSoftware(adapter) && !software)) {
    release();
    throw new Error(`the webgpu engine found ${adapter ? deviceOf(adapter) : 'no GPU'}; ${INSTALL_DRIVER}`);
  }
  const removeGlobals = installGlobals(gpu, globals);
  const { version_core } = tf;
  const [{ registerReference }] = await Promise.all([
    import('../../../core/engine/reference.js'),
    import(BACKEND_PACKAGE),
  ]);
  if (!(await tf.setBackend(BACKEND))) {
    removeGlobals();
    release();
    throw new Error(`the webgpu engine did not start on ${deviceOf(adapter)}`);
  }
  const backend = tf.backend() as unknown as WebGpuBackend;
  readWhileWaiting(backend, ticks, new Faults(backend.device));
  registerAddN(BACKEND);
  registerComposedKernels(BACKEND);
  registerReference();
  correctKernels(BACKEND, { lost: { kernels: LOSING_NAN, suspects: () => true }, isNative: true });
  const meter = new MemoryMeter(backend.tensorMap as unknown as TensorStorage);
  // What was disposed of is given back once the work that reads it has been handed over.
  const flush = (): void => {
    if (!backend.commandEncoder) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  };
  return {
    backend: BACKEND,
    device: deviceOf(adapter),
    versions: { '@tensorflow/tfjs-core': version_core, [BACKEND_PACKAGE]: version_core },
    memory: () => {
      flush();
      return meter.read();
    },
    resetPeak: () => {
      flush();
      meter.resetPeak();
    },
    stop: async () => {
      flush();
      releaseBackend(BACKEND);
      backend.device.destroy();
      removeGlobals();
      release();
    },
  };
}
