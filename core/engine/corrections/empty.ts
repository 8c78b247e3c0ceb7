import * as tf from '@tensorflow/tfjs-core';
import { tensorflow } from '../autodiff/engine.js';
import type { Call, Correction } from './replace.js';

/** Results of a reduction of no values at all, as in TensorFlow. */
export const REDUCTIONS: ReadonlyMap<string, number> = new Map([
  [tf.Sum, 0],
  [tf.Prod, 1],
  [tf.Mean, Number.NaN],
  [tf.Max, Number.NEGATIVE_INFINITY],
  [tf.Min, Number.POSITIVE_INFINITY],
  [tf.All, 1],
  [tf.Any, 0],
]);

function holdsEmpty(inputs: Call['inputs']): boolean {
  for (const name in inputs) if (inputs[name]?.shape.includes(0)) return true;
  return false;
}

interface ReductionAttributes {
  /** All of them if there is none. A maximum calls it by the other name. */
  readonly axis?: number | number[] | null;
  readonly reductionIndices?: number | number[] | null;
  readonly keepDims?: boolean;
}

/** Gives the neutral element of a reduction of no values, where TensorFlow.js gives 0 as a mean and NaN as a maximum. */
export const emptyReduction =
  (kernelName: string): Correction<ReductionAttributes> =>
  ({ inputs, attributes }) => {
    if (!holdsEmpty(inputs)) return undefined;
    const { shape, dtype } = inputs['x'] as tf.TensorInfo;
    const along = attributes.reductionIndices ?? attributes.axis;
    const axes = tf.util.parseAxisParam(along as number | number[], shape);
    const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const reduced = attributes.keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
    return tf.fill(reduced, REDUCTIONS.get(kernelName) as number, resultType(kernelName, dtype));
  };

function resultType(kernelName: string, dtype: tf.DataType): 'float32' | 'int32' | 'bool' {
  if (kernelName === tf.All || kernelName === tf.Any) return 'bool';
  return kernelName === tf.Mean || dtype === 'float32' ? 'float32' : 'int32';
}

interface ReferenceBackend extends tf.KernelBackend {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: tf.backend_util.BackendValues): tf.TensorInfo;
}

/**
 * Computes what has a tensor without values among its inputs on the reference: native kernels leave the result as it was in memory, or
 * have the device refuse the call.
 */
export const emptyOnReference =
  (kernelName: string): Correction =>
  ({ inputs, attributes }) => {
    if (!holdsEmpty(inputs)) return undefined;
    const kernel = tf.getKernel(kernelName, 'cpu') as tf.KernelConfig | undefined;
    if (!kernel) return undefined;
    const backend = tf.findBackend('cpu') as ReferenceBackend;
    const moved = (info: tf.TensorInfo): tf.TensorInfo => {
      const values = info.shape.includes(0) ? undefined : tensorflow().readSync(info.dataId);
      return backend.makeTensorInfo(info.shape, info.dtype, values ?? new Float32Array(0));
    };
    const given = Object.entries(inputs).map(([name, info]) => [name, info && moved(info)] as const);
    const positional = Array.isArray(inputs);
    const named = (positional ? given.map(([, info]) => info) : Object.fromEntries(given)) as tf.NamedTensorInfoMap;
    const made = kernel.kernelFunc({ inputs: named, attrs: attributes as tf.NamedAttrMap, backend });
    for (const [, info] of given) if (info) backend.disposeData(info.dataId);
    const results = [made].flat().map((info) => {
      // The reference's compositions run on the current backend already.
      if (info instanceof tf.Tensor) return info;
      const values = backend.readSync(info.dataId) as Float32Array;
      backend.disposeData(info.dataId);
      return tf.tensor(values.slice(), info.shape, info.dtype as 'float32');
    });
    return (Array.isArray(made) ? results : results[0]) as tf.TensorInfo;
  };
