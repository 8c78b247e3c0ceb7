/**
 * What an engine is written with: the compute kernels and their attributes, their composed forms, costs, replay, memory, and the suite
 * that holds every kernel to its reference.
 *
 * An engine registers a TensorFlow.js backend, replaces the kernels that it computes faster, and calls `registerComposedKernels` for the
 * others. The types of this module do not lead to TensorFlow.js.
 * @module repnas/engine
 */
import { registerComposedKernels as register } from './composed/register.js';
import { correctKernels as correct } from './corrections/index.js';
import type { ConformanceResult } from './conformance/case.js';
import type { KernelName } from './kernels.js';

export {
  type KernelCosts,
  MemoryMeter,
  registerKernelCosts,
  registerReplay,
  releaseBackend,
  type StoredTensor,
  type TensorStorage,
  type TensorType,
  type Work,
  type WorkKind,
} from './backend.js';
export type { ConformanceResult } from './conformance/case.js';
export * from './kernels.js';

/**
 * Registers the composed form of every kernel for a TensorFlow.js backend: the same function made of TensorFlow.js' own operations. Kernels
 * that the backend has already are left alone. Registers the gradients too, which all backends share.
 * @param except kernels that the engine registers later
 */
export const registerComposedKernels: (backend: string, except?: readonly KernelName[]) => void = register;

/** Lists the known faults of a backend's TensorFlow.js kernels. */
export interface Corrections {
  /** Names of kernels that make numbers of NaN (`MaxPool`, `Sign` on TensorFlow.js' plain JavaScript). @default none */
  readonly losesNaN?: readonly string[];
}

/**
 * Corrects TensorFlow.js' own kernels on a backend, once in a process: numeric padding with windows that are not square, reductions of
 * tensors without values, and NaNs that become numbers. To be called when all kernels are registered.
 */
export const correctKernels = (backend: string, { losesNaN = [] }: Corrections = {}): void =>
  correct(backend, { lost: { kernels: losesNaN, suspects: () => true }, isNative: false });

/** With what kernels are held to their reference. */
export interface ConformanceOptions {
  /** Largest difference relative to the largest value of an output. @default 1e-5 */
  readonly tolerance?: number;
  /** Names of the kernels to check. @default all */
  readonly kernels?: readonly string[];
}

/**
 * Compares kernels of a started backend, forward and gradient, over the shapes where implementations differ, with the reference:
 * TensorFlow.js' plain JavaScript backend with the composed forms. Leaves the backend current. `testEngine` of `repnas/testing` checks
 * the rest of an engine's contract too.
 */
export async function checkConformance(backend: string, options?: ConformanceOptions): Promise<ConformanceResult[]> {
  const suite = await import('./conformance/check.js');
  return suite.checkConformance(backend, options);
}
