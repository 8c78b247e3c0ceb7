type Numbers = Float32Array | Float64Array;

/** Height, width, inputs of one group, outputs. */
type Shape = readonly [height: number, width: number, inputs: number, outputs: number];

/** Outputs and taps in a tile: what is read stays in the first-level cache until all of it is written. */
const OUTPUTS = 32;
const TAPS = 64;

/** PyTorch's and ONNX' kernels `[O, I, H, W]` as ours `[H, W, I, O]`, into `result`. */
export function outputsLast(values: Numbers, [height, width, inputs, outputs]: Shape, result: Numbers): void {
  const pixels = height * width;
  const taps = inputs * pixels;
  for (let low = 0; low < outputs; low += OUTPUTS) {
    const high = Math.min(low + OUTPUTS, outputs);
    for (let from = 0; from < taps; from += TAPS) {
      const end = Math.min(from + TAPS, taps);
      for (let tap = from; tap < end; tap++) {
        const row = ((tap % pixels) * inputs + Math.floor(tap / pixels)) * outputs;
        for (let output = low; output < high; output++) result[row + output] = values[output * taps + tap] as number;
      }
    }
  }
}

/** The other way round. */
export function outputsFirst(values: Numbers, [height, width, inputs, outputs]: Shape, result: Numbers): void {
  const pixels = height * width;
  const taps = inputs * pixels;
  for (let low = 0; low < outputs; low += OUTPUTS) {
    const high = Math.min(low + OUTPUTS, outputs);
    for (let from = 0; from < taps; from += TAPS) {
      const end = Math.min(from + TAPS, taps);
      for (let tap = from; tap < end; tap++) {
        const row = ((tap % pixels) * inputs + Math.floor(tap / pixels)) * outputs;
        for (let output = low; output < high; output++) result[output * taps + tap] = values[row + output] as number;
      }
    }
  }
}
