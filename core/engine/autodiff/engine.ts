import * as tf from '@tensorflow/tfjs-core';
import { listener } from '../kernel-listener.js';

/** One operation of the forward pass, as TensorFlow.js records it. */
export interface TapeNode {
  readonly id: number;
  readonly kernelName: string;
  /** By name, or by position. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  /** What the backward pass reads; disposed after it. */
  readonly saved: readonly { dispose(): void }[];
  /**
   * Computes the gradients of the `wanted` inputs: one function per input, which returns nothing if the outputs do not
   * depend on it. Undefined if the kernel has no gradient. `null` stands for zeros.
   */
  readonly gradient?: (
    dys: (tf.Tensor | null)[],
    wanted: readonly string[],
  ) => Record<string, () => tf.Tensor | undefined>;
}

/** The internals of TensorFlow.js' engine that its declarations leave out. */
interface Engine {
  readonly backendName: string;
  readonly backend: tf.KernelBackend & { incRef(dataId: object): void };
  readonly state: {
    activeTape: TapeNode[] | null;
    nextTapeNodeId: number;
    gradientDepth: number;
    kernelDepth: number;
    readonly activeScope: { readonly track: tf.Tensor[] };
    readonly tensorInfo: WeakMap<object, { readonly backend: tf.KernelBackend }>;
    readonly profiling: boolean;
  };
  startTape(): void;
  endTape(): void;
  /** Keeps a tensor for a kernel's gradient. */
  saveTensorsForBackwardMode(tensors: readonly tf.Tensor[]): tf.Tensor[];
  makeTensorFromTensorInfo(info: tf.TensorInfo): tf.Tensor;
  nextTensorId(): number;
  removeDataId(dataId: object, backend: tf.KernelBackend): void;
  runKernel(name: string, inputs: object, attributes: object): tf.Tensor | tf.Tensor[];
  /** Runs a registered kernel, or the functions of a custom gradient, which have no kernel name. */
  runKernelFunc(call: { readonly kernelName?: string }): tf.Tensor | tf.Tensor[];
  /** Returns a tensor's values. */
  read(dataId: object): Promise<tf.backend_util.BackendValues>;
  readSync(dataId: object): tf.backend_util.BackendValues;
}

export const tensorflow = (): Engine => tf.engine() as unknown as Engine;

/**
 * A tensor's data, held for the backward pass whatever happens to the tensor. No scope tracks it, and `tf.memory()`
 * counts only its bytes.
 */
class Held extends tf.Tensor {
  /** Releases the data; does nothing the second time. */
  override dispose(): void {
    if (this.isDisposed) return;
    this.isDisposedInternal = true;
    const engine = tensorflow();
    const backend = engine.state.tensorInfo.get(this.dataId)?.backend;
    if (backend?.disposeData(this.dataId)) engine.removeDataId(this.dataId, backend);
  }
}

/** Holds a tensor's data until the result is disposed. */
export function hold(tensor: tf.Tensor): tf.Tensor {
  const { shape, dtype, dataId } = tensor;
  const engine = tensorflow();
  engine.backend.incRef(dataId);
  const held = new Held(shape, dtype, dataId, engine.nextTensorId());
  listener()?.held(held, tensor);
  return held;
}
