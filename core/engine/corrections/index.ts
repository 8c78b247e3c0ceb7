import * as tf from '@tensorflow/tfjs-core';
import { emptyOnReference, emptyReduction, REDUCTIONS } from './empty.js';
import { keepNaN, type Suspicion } from './keep-nan.js';
import { numericPadding, WINDOWED } from './numeric-padding.js';
import { correctKernel } from './replace.js';

export type { Suspicion } from './keep-nan.js';

/** TensorFlow.js' own kernels in which a backend loses NaN, and how it looks for one. */
export interface LostNaN {
  readonly kernels: readonly string[];
  readonly suspects: Suspicion;
}

const corrected = new Set<string>();

/**
 * Corrects TensorFlow.js' own kernels on a backend, once in a process: numeric padding, tensors without values, and NaNs that become
 * numbers. With `isNative`, those that have no values go to the reference, which `registerReference` must have been called for.
 */
export function correctKernels(
  backendName: string,
  { lost, isNative }: { readonly lost?: LostNaN; readonly isNative: boolean },
): void {
  if (corrected.has(backendName)) return;
  corrected.add(backendName);
  if (lost) keepNaN(backendName, lost.kernels, lost.suspects);
  for (const name of WINDOWED) correctKernel(backendName, name, numericPadding);
  if (!isNative) for (const name of REDUCTIONS.keys()) correctKernel(backendName, name, emptyReduction(name));
  else
    for (const { kernelName } of [...tf.getKernelsForBackend(backendName)])
      if (tf.getKernel(kernelName, 'cpu') && !kernelName.startsWith('Repnas'))
        correctKernel(backendName, kernelName, emptyOnReference(kernelName));
}
