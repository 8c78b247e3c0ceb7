import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineEngine, type EngineProbe, type EngineSession } from '../../../core/contracts/index.js';
import {
  correctKernels,
  type KernelCosts,
  type KernelName,
  KERNELS,
  MemoryMeter,
  registerComposedKernels,
  registerKernelCosts,
  registerReplay,
} from '../../../core/engine/index.js';
import { instructionsOf } from './ffi/instructions.js';
import { type Library, LibraryError, loadLibrary } from './ffi/library.js';
import { kernels } from './kernels/index.js';
import { BACKEND, register } from './kernels/register.js';
import { watchLoad } from './waiting/waiting.js';

/** What fits the times of `npm run bench:evaluation -- --threads 1 --cpu --fit` best, over its sets of branches, with AVX-512 and without. */
const COSTS: KernelCosts = {
  forward: 0.0055,
  input: 0.0053,
  kernel: 0.0192,
  product: 0.0154,
  values: 0.179,
  calls: 8900,
};

const options = z.strictObject({
  threads: z.int().min(1).max(1024).optional().describe('threads; default: OMP_NUM_THREADS or the cores there are'),
});

type Options = z.infer<typeof options>;

/** Intel's oneDNN on all cores, called without a compiled add-on: the fastest engine without a GPU. */
export const onednn = defineEngine({
  name: 'onednn',
  summary: "the CPU's vector units on all cores, through the system library oneDNN",
  options,
  order: 20,
  probe,
  start,
});

async function probe({ threads }: Options): Promise<EngineProbe> {
  try {
    return { available: true, device: await deviceWith(threads) };
  } catch (error) {
    if (error instanceof LibraryError) return { available: false, reason: error.message, install: error.install };
    return { available: false, reason: String(error), install: 'choose another engine' };
  }
}

async function deviceWith(threads: number | undefined): Promise<string> {
  const library = await loadLibrary();
  return deviceOf(library, threadsOf(library, threads));
}

async function start({ threads }: Options): Promise<EngineSession> {
  const library = await loadLibrary();
  const count = threadsOf(library, threads);
  library.setThreads?.(count);
  const [{ OneDnnBackend }, { version_cpu }, { registerReference }, { Runtime }, { startThreads }] = await Promise.all([
    import('./backend.js'),
    import('@tensorflow/tfjs-backend-cpu'),
    import('../../../core/engine/reference.js'),
    import('./runtime.js'),
    import('./threads.js'),
  ]);
  // Kernels that this engine leaves to the JavaScript backend run in their corrected form.
  registerReference();
  const backend = new OneDnnBackend(new Runtime(library));
  startThreads(backend);
  const waiting = watchLoad({ library: library.place, threads: count });
  tf.registerBackend(BACKEND, () => backend);
  registerKernels();
  await tf.setBackend(BACKEND);
  const meter = new MemoryMeter();
  backend.data.onBytes = (change) => meter.add(change);
  return {
    backend: BACKEND,
    device: deviceOf(library, count),
    versions: {
      '@tensorflow/tfjs-core': tf.version_core,
      '@tensorflow/tfjs-backend-cpu': version_cpu,
      oneDNN: library.version,
    },
    memory: () => meter.read(),
    resetPeak: () => meter.resetPeak(),
    stop: async () => {
      tf.removeBackend(BACKEND);
      await waiting?.stop();
    },
  };
}

/** Once in a process: kernels find the backend that runs them among their arguments. */
function registerKernels(): void {
  for (const config of tf.getKernelsForBackend('cpu')) {
    if (!tf.getKernel(config.kernelName, BACKEND)) tf.registerKernel({ ...config, backendName: BACKEND });
  }
  const names = new Set(kernels.map(({ name }) => name));
  registerComposedKernels(
    BACKEND,
    Object.values(KERNELS).filter((name: KernelName) => names.has(name)),
  );
  for (const own of kernels) register(BACKEND, own);
  correctKernels(BACKEND, { isNative: false });
  registerKernelCosts(BACKEND, COSTS);
  registerReplay(BACKEND);
}

/** @throws LibraryError where more threads are asked for than the library is built to use. */
function threadsOf({ setThreads, version }: Library, asked: number | undefined): number {
  if (!setThreads) {
    if (asked === undefined || asked === 1) return 1;
    throw new LibraryError(
      `oneDNN ${version} is built without OpenMP and uses one thread; threads is ${asked}`,
      'leave threads out, or install a library that is built for OpenMP',
    );
  }
  if (asked !== undefined) return asked;
  const fromEnvironment = Number.parseInt(process.env['OMP_NUM_THREADS'] ?? '', 10);
  return fromEnvironment >= 1 ? fromEnvironment : availableParallelism();
}

function deviceOf({ functions, version }: Library, threads: number): string {
  const count = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return `CPU, ${count}, oneDNN ${version} (${instructionsOf(functions.cpuIsa()) ?? 'no vector units'})`;
}
