import * as tf from '@tensorflow/tfjs-core';
import { observer } from '../kernel-observer.js';

/** One operation of the forward pass, as TensorFlow.js records it. */
export interface TapeNode {
  readonly id: number;
  readonly kernelName: string;
  /** By name, or by position. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  /** What the backward pass reads, disposed of after it. */
  readonly saved: readonly { dispose(): void }[];
  /**
   * A function for each input, of which those of the `wanted` ones are called; one that gives nothing says that the outputs do not
   * depend on it. Absent where the kernel has no gradient. A `null` stands for zeros.
   */
  readonly gradient?: (
    dys: (tf.Tensor | null)[],
    wanted: readonly string[],
  ) => Record<string, () => tf.Tensor | undefined>;
}

/** What TensorFlow.js' engine keeps to itself, and what its declarations say too little of. */
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
  /** What a kernel's gradient will read, safe from being disposed of until then. */
  saveTensorsForBackwardMode(tensors: readonly tf.Tensor[]): tf.Tensor[];
  makeTensorFromTensorInfo(info: tf.TensorInfo): tf.Tensor;
  nextTensorId(): number;
  removeDataId(dataId: object, backend: tf.KernelBackend): void;
  runKernel(name: string, inputs: object, attributes: object): tf.Tensor | tf.Tensor[];
  /** Runs a registered kernel, or functions of a custom gradient, which have no kernel's name. */
  runKernelFunc(call: { readonly kernelName?: string }): tf.Tensor | tf.Tensor[];
  /** A tensor's values. */
  read(dataId: object): Promise<tf.backend_util.BackendValues>;
  readSync(dataId: object): tf.backend_util.BackendValues;
}

export const tensorflow = (): Engine => tf.engine() as unknown as Engine;

/**
 * A tensor's data, held for the backward pass whatever becomes of the tensor. No scope knows of it and no figure of
 * `tf.memory()` counts it but the bytes of the data.
 */
class Held extends tf.Tensor {
  /** Gives the data back; does nothing a second time. */
  override dispose(): void {
    if (this.isDisposed) return;
    this.isDisposedInternal = true;
    const engine = tensorflow();
    const backend = engine.state.tensorInfo.get(this.dataId)?.backend;
    if (backend?.disposeData(this.dataId)) engine.removeDataId(this.dataId, backend);
  }
}

/** Holds a tensor's data until the result is disposed of. */
export function hold(tensor: tf.Tensor): tf.Tensor {
  const { shape, dtype, dataId } = tensor;
  const engine = tensorflow();
  engine.backend.incRef(dataId);
  const held = new Held(shape, dtype, dataId, engine.nextTensorId());
  observer()?.held(held, tensor);
  return held;
}
