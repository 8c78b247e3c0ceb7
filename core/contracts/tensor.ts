/**
 * The few things the contracts need to know of a tensor. TensorFlow.js tensors fit as they are; the contracts name
 * this interface instead so that the types of the package stand on their own (TensorFlow.js' declarations do not
 * compile without `skipLibCheck`).
 */
export interface Tensor {
  readonly shape: number[];
  readonly dtype: string;
  /** A copy of the values, row by row, once they are computed. */
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  /** The same, waiting for them. */
  dataSync(): Float32Array | Int32Array | Uint8Array;
  /** Gives its memory back. It is not to be used afterwards. */
  dispose(): void;
}
