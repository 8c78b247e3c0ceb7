/**
 * The little that the contracts need to know about a tensor. TensorFlow.js tensors fit as they are. The contracts name
 * this interface instead so that the types of the package stand alone (TensorFlow.js' declarations do not compile
 * without `skipLibCheck`).
 */
export interface Tensor {
  readonly shape: number[];
  readonly dtype: string;
  /** Waits for the values and returns a copy, row by row. */
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  /** The same, blocking. */
  dataSync(): Float32Array | Int32Array | Uint8Array;
  /** Releases the memory. The tensor must not be used afterwards. */
  dispose(): void;
}
