import * as tf from '@tensorflow/tfjs-core';
import { tensorflow } from '../autodiff/engine.js';

/** Arguments of a kernel call. Inputs are tensors, or their descriptions where a recorded pass runs again. */
export interface Call<Attributes = object> {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attributes: Attributes;
}

/** The kernel that the backend had, with other inputs or attributes. */
export type Former = (call: Call) => tf.TensorInfo;

/** Computes a call in the place of the former kernel; undefined leaves the call to that one as it is. */
export type Correction<Attributes = object> = (call: Call<Attributes>, former: Former) => tf.TensorInfo | undefined;

/** Puts a correction around a kernel of a backend, if the backend has that kernel. */
export function correctKernel<Attributes>(
  backendName: string,
  kernelName: string,
  correct: Correction<Attributes>,
): void {
  const config = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined;
  if (!config) return;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...config,
    kernelFunc: (call) => {
      const attributes = (call.attrs ?? {}) as Attributes;
      const former: Former = ({ inputs, attributes: attrs }) =>
        config.kernelFunc({ ...call, inputs: { ...inputs }, attrs: attrs as tf.NamedAttrMap }) as tf.TensorInfo;
      return correct({ inputs: call.inputs as Call['inputs'], attributes }, former) ?? config.kernelFunc(call);
    },
  });
}

/** A tensor of what a kernel gave, so that operations can be composed of it. */
export const madeTensor = <Rank extends tf.Rank = tf.Rank>(info: tf.TensorInfo): tf.Tensor<Rank> =>
  (info instanceof tf.Tensor ? info : tensorflow().makeTensorFromTensorInfo(info)) as tf.Tensor<Rank>;

/** A tensor of an input, which stays its owner's. */
export function inputTensor(info: tf.TensorInfo): tf.Tensor {
  if (info instanceof tf.Tensor) return info;
  tensorflow().backend.incRef(info.dataId);
  return tensorflow().makeTensorFromTensorInfo(info);
}
