import * as tf from '@tensorflow/tfjs-core';
import { hold, type TapeNode, tensorflow } from './autodiff/engine.js';
import { listener } from './kernel-listener.js';
import type { KernelName } from './kernels.js';

/** A kernel made of TensorFlow.js' own operations; runs on any backend. */
export interface ComposedKernel {
  readonly name: KernelName;
  readonly kernelFunc: tf.KernelFunc;
}

/** Inputs of a kernel: tensors by name or by position. */
export type KernelInputs = Readonly<Record<string, tf.Tensor>> | readonly tf.Tensor[];

/**
 * Defines a composed kernel. TensorFlow.js types inputs and attributes more narrowly than it treats them; the casts are
 * here only.
 */
export const composed = <Inputs extends KernelInputs, Attributes>(
  name: KernelName,
  compute: (inputs: Inputs, attributes: Attributes) => tf.Tensor | tf.Tensor[],
): ComposedKernel => ({
  name,
  kernelFunc: ({ inputs, attrs }) =>
    tf.tidy(() => compute(inputs as unknown as Inputs, attrs as unknown as Attributes)),
});

/**
 * Runs a kernel on the current backend, and records it on the tape while a gradient is taken. Does what TensorFlow.js'
 * engine does, without its closures, scopes and test hooks, which cost a training step of many small kernels several
 * percent.
 * @throws Error if the backend has no such kernel.
 */
export function runKernel<Output extends tf.Tensor | tf.Tensor[]>(
  name: string,
  inputs: KernelInputs,
  attributes: object = {},
): Output {
  const engine = tensorflow();
  const { backend, state } = engine;
  const kernel = tf.getKernel(name, engine.backendName);
  // The engine measures what it runs itself, and names a missing kernel.
  if (!kernel || state.profiling) return engine.runKernel(name, inputs, attributes) as Output;
  const call = { inputs: inputs as tf.NamedTensorInfoMap, attrs: attributes as tf.NamedAttrMap, backend };
  let made: tf.TensorInfo | tf.TensorInfo[];
  // Kernels that a kernel runs in turn are not recorded.
  state.kernelDepth++;
  try {
    made = kernel.kernelFunc(call);
  } finally {
    state.kernelDepth--;
  }
  const infos = Array.isArray(made) ? made : [made];
  const outputs = infos.map(tensorOf);
  if (state.kernelDepth === 0) {
    listener()?.ran({ name, inputs, attributes, outputs, isComposed: infos.some(isTensor) });
    if (state.gradientDepth > 0) record(name, inputs, outputs, attributes);
  }
  return (Array.isArray(made) ? outputs : outputs[0]) as Output;
}

/**
 * Runs a kernel whose outputs replace tensors; it returns none if it wrote over them. Variables get the new values,
 * other tensors are disposed. Returns the tensors that stand in their place.
 */
export function runReplacing(
  name: string,
  inputs: KernelInputs,
  attributes: object,
  targets: readonly tf.Tensor[],
): tf.Tensor[] {
  const outputs = runKernel<tf.Tensor[]>(name, inputs, attributes);
  const now = targets.map((target, index) => replaced(target, outputs[index]));
  listener()?.replaced(targets, now);
  return now;
}

function replaced(target: tf.Tensor, output: tf.Tensor | undefined): tf.Tensor {
  if (!output) return target;
  if (!(target instanceof tf.Variable)) {
    target.dispose();
    return output;
  }
  target.assign(output);
  output.dispose();
  return target;
}

/** Composed kernels return tensors, others only descriptions. */
const isTensor = (info: tf.TensorInfo): info is tf.Tensor => 'rankType' in info;
const tensorOf = (info: tf.TensorInfo): tf.Tensor =>
  isTensor(info) ? info : tensorflow().makeTensorFromTensorInfo(info);

function record(name: string, inputs: KernelInputs, outputs: readonly tf.Tensor[], attributes: object): void {
  const { state } = tensorflow();
  const config = tf.getGradient(name);
  const named = inputs as Readonly<Record<string, tf.Tensor>>;
  const node = { id: state.nextTapeNodeId++, kernelName: name, inputs: named, outputs };
  state.activeTape?.push(config ? new DifferentiableNode(node, config, attributes) : { ...node, saved: [] });
}

class DifferentiableNode implements TapeNode {
  readonly id: number;
  readonly kernelName: string;
  readonly inputs: TapeNode['inputs'];
  readonly outputs: readonly tf.Tensor[];
  readonly saved: tf.Tensor[] = [];
  readonly #config: GradientConfig;
  readonly #attributes: object;

  constructor(
    { id, kernelName, inputs, outputs }: Omit<TapeNode, 'saved' | 'gradient'>,
    config: GradientConfig,
    attributes: object,
  ) {
    this.id = id;
    this.kernelName = kernelName;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#config = config;
    this.#attributes = attributes;
    const { saveAllInputs, inputsToSave = [], outputsToSave = [] } = config;
    for (const input of saveAllInputs ? Object.keys(inputs) : inputsToSave)
      this.saved.push(hold(inputs[input] as tf.Tensor));
    for (const [index, output] of outputs.entries()) if (outputsToSave[index]) this.saved.push(hold(output));
  }

  /** An own property, because TensorFlow.js copies nodes by their properties. */
  readonly gradient = (dys: (tf.Tensor | null)[]): Record<string, () => tf.Tensor> => {
    const { gradFunc, carrying = 1 } = this.#config;
    const all = this.outputs.slice(0, carrying).map(({ shape }, index) => dys[index] ?? tf.zeros(shape));
    const gradients = gradFunc(all, this.saved, this.#attributes as tf.NamedAttrMap);
    return gradients as Record<string, () => tf.Tensor>;
  };
}

/** A gradient as TensorFlow.js registers it, and the number of leading outputs that carry one. */
export interface GradientConfig extends tf.GradConfig {
  readonly carrying?: number;
}

/** What a gradient is computed from, and one function per input, called only if that input is watched. */
export interface KernelGradient<Attributes> {
  readonly name: KernelName;
  /** Names of the inputs to keep for the backward pass. */
  readonly inputsToSave?: string[];
  readonly saveAllInputs?: boolean;
  /** Which outputs to keep for the backward pass. */
  readonly outputsToSave?: boolean[];
  /** Number of leading outputs that carry a gradient. Default: 1. */
  readonly carrying?: number;
  /** `dy` belongs to the first output, `others` to those after it that carry a gradient. */
  gradient(
    dy: tf.Tensor,
    saved: tf.Tensor[],
    attributes: Attributes,
    others: readonly tf.Tensor[],
  ): Record<string, () => tf.Tensor>;
}

export const differentiable = <Attributes>({
  name,
  gradient,
  ...config
}: KernelGradient<Attributes>): GradientConfig => ({
  ...config,
  kernelName: name,
  gradFunc: (dys, tensors, attrs) => {
    const [dy, ...others] = (Array.isArray(dys) ? dys : [dys]) as [tf.Tensor, ...tf.Tensor[]];
    return gradient(dy, tensors, attrs as unknown as Attributes, others);
  },
});
