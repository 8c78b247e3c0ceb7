/** An array of a TensorFlow.js model, by the name that the model's JSON has for it. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}
