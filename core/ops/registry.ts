import * as tf from '@tensorflow/tfjs-core';
import { hold, tensorflow } from './engine.js';
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

/**
 * Runs a kernel on the current backend; on the tape when a gradient is being taken. Does what TensorFlow.js' engine does,
 * without its closures, scopes and checks for tests, which cost a training step of many small kernels several percent.
 * @throws Error where the backend has no such kernel.
 */
export function runKernel<Output extends tf.Tensor | tf.Tensor[]>(
  name: string,
  inputs: KernelInputs,
  attributes: object = {},
): Output {
  const engine = tensorflow();
  const { backend, state } = engine;
  const kernel = tf.getKernel(name, engine.backendName);
  // It measures what it runs itself, and names what is missing.
  if (!kernel || state.profiling) return engine.runKernel(name, inputs, attributes) as Output;
  const call = { inputs: inputs as tf.NamedTensorInfoMap, attrs: attributes as tf.NamedAttrMap, backend };
  let made: tf.TensorInfo | tf.TensorInfo[];
  // What a kernel runs in turn is not recorded.
  state.kernelDepth++;
  try {
    made = kernel.kernelFunc(call);
  } finally {
    state.kernelDepth--;
  }
  const outputs = Array.isArray(made) ? made.map(tensorOf) : [tensorOf(made)];
  if (state.gradientDepth > 0 && state.kernelDepth === 0) record(name, inputs, outputs, attributes);
  return (Array.isArray(made) ? outputs : outputs[0]) as Output;
}

/** A kernel that is composed gives tensors already. */
const tensorOf = (info: tf.TensorInfo): tf.Tensor =>
  'rankType' in info ? (info as tf.Tensor) : tensorflow().makeTensorFromTensorInfo(info);

function record(name: string, inputs: KernelInputs, outputs: readonly tf.Tensor[], attributes: object): void {
  const { state } = tensorflow();
  const config = tf.getGradient(name);
  const saved = config ? savedFor(config, inputs, outputs).map(hold) : [];
  const gradient = (dys: (tf.Tensor | null)[]) => {
    const dy = dys[0] ?? tf.zerosLike(outputs[0] as tf.Tensor);
    return (config as tf.GradConfig).gradFunc(dy, saved, attributes as tf.NamedAttrMap) as Record<
      string,
      () => tf.Tensor
    >;
  };
  state.activeTape?.push({
    id: state.nextTapeNodeId++,
    kernelName: name,
    inputs: inputs as Readonly<Record<string, tf.Tensor>>,
    outputs,
    saved,
    ...(config && { gradient }),
  });
}

function savedFor(
  { saveAllInputs, inputsToSave = [], outputsToSave = [] }: tf.GradConfig,
  inputs: KernelInputs,
  outputs: readonly tf.Tensor[],
): tf.Tensor[] {
  const named = inputs as Readonly<Record<string, tf.Tensor>>;
  const given = saveAllInputs ? Object.values(named) : inputsToSave.map((input) => named[input] as tf.Tensor);
  return [...given, ...outputs.filter((_, index) => outputsToSave[index])];
}

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
