/** Returns the index of the largest value: the class that logits name. */
export const largest = (values: Float32Array): number =>
  values.reduce((best, value, index) => (value > (values[best] as number) ? index : best), 0);
