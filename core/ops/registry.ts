import * as tf from '@tensorflow/tfjs-core';
import type { KernelName } from './kernels.js';

/** A kernel made of TensorFlow.js' own operations: runs on any backend. */
export interface ComposedKernel {
  readonly name: KernelName;
  readonly kernelFunc: tf.KernelFunc;
}

/** What a kernel reads: tensors by name, or by position. */
export type KernelInputs = Readonly<Record<string, tf.Tensor>> | readonly tf.Tensor[];

/** TensorFlow.js types inputs and attributes more narrowly than it treats them; this is the one place that says so. */
export const composed = <Inputs extends KernelInputs, Attributes>(
  name: KernelName,
  compute: (inputs: Inputs, attributes: Attributes) => tf.Tensor | tf.Tensor[],
): ComposedKernel => ({
  name,
  kernelFunc: ({ inputs, attrs }) =>
    tf.tidy(() => compute(inputs as unknown as Inputs, attrs as unknown as Attributes)),
});

/** Runs a kernel on the current backend; on the tape when a gradient is being taken. */
export const runKernel = <Output extends tf.Tensor | tf.Tensor[]>(
  name: KernelName,
  inputs: KernelInputs,
  attributes: object = {},
): Output =>
  tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as Output;

/** What a kernel's gradient is made from, and one function for each input, called only where that input is watched. */
export interface KernelGradient<Attributes> {
  readonly name: KernelName;
  /** Names of the inputs to keep for the backward pass. */
  readonly inputsToSave?: string[];
  readonly saveAllInputs?: boolean;
  /** Which outputs to keep for the backward pass. */
  readonly outputsToSave?: boolean[];
  /** Where a kernel has several outputs, only the first carries a gradient. */
  gradient(dy: tf.Tensor, saved: tf.Tensor[], attributes: Attributes): Record<string, () => tf.Tensor>;
}

export const differentiable = <Attributes>({
  name,
  gradient,
  ...saved
}: KernelGradient<Attributes>): tf.GradConfig => ({
  ...saved,
  kernelName: name,
  gradFunc: (dy, tensors, attrs) =>
    gradient((Array.isArray(dy) ? dy[0] : dy) as tf.Tensor, tensors, attrs as unknown as Attributes),
});
