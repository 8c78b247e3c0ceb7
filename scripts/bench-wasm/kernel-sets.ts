import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import type { EngineSession } from '../../core/contracts/index.js';
import { registerComposedKernels } from '../../core/engine/index.js';
import { wasm } from '../../plugins/engines/wasm/engine.js';

const BACKEND = 'wasm';
const COMPOSED = 'composed-for-wasm';

/** All kernels of the backend, as TensorFlow.js has them or as the engine does; one of the two is registered at a time. */
export interface KernelSets {
  readonly session: EngineSession;
  /** Names of the kernels that differ. */
  readonly replaced: readonly string[];
  /** Registers those of TensorFlow.js, and our operations composed of them. */
  useBefore(): void;
  useAfter(): void;
  /** Whether TensorFlow.js has the kernel, or one can be composed of what it has. */
  isThereBefore(kernel: string): boolean;
}

/** Starts the engine. */
export async function kernelSets(): Promise<KernelSets> {
  const stock = [...tf.getKernelsForBackend(BACKEND)];
  registerComposedKernels(COMPOSED);
  const composed = tf.getKernelsForBackend(COMPOSED).map((config) => ({ ...config, backendName: BACKEND }));
  const before = [...stock, ...composed];
  const session = await wasm.start({});
  const after = [...tf.getKernelsForBackend(BACKEND)];
  const names = new Map(before.map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]));
  const use = (kernels: readonly tf.KernelConfig[]): void => {
    for (const { kernelName } of [...tf.getKernelsForBackend(BACKEND)]) tf.unregisterKernel(kernelName, BACKEND);
    for (const config of kernels) tf.registerKernel(config);
  };
  return {
    session,
    replaced: after
      .filter(({ kernelName, kernelFunc }) => names.get(kernelName) !== kernelFunc)
      .map(({ kernelName }) => kernelName),
    useBefore: () => use(before),
    useAfter: () => use(after),
    isThereBefore: (kernel) => names.has(kernel),
  };
}
