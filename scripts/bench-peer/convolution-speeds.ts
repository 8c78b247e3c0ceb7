import { OneDnnBackend } from '../../plugins/engines/onednn/backend.js';
import { convolve, inputGradient, kernelGradient } from '../../plugins/engines/onednn/convolution.js';
import { type Convolution, outputShape } from '../../plugins/engines/onednn/convolution-shape.js';
import { square } from '../../plugins/engines/onednn/kernels/geometry.js';
import { loadLibrary } from '../../plugins/engines/onednn/ffi/library.js';
import { multiply } from '../../plugins/engines/onednn/matrix.js';
import { Runtime } from '../../plugins/engines/onednn/runtime.js';

/** Billions of floating-point operations a second. */
export interface ConvolutionSpeed {
  readonly shape: string;
  readonly forward: number;
  readonly inputGradient: number;
  readonly kernelGradient: number;
}

const CHANNELS = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
const SIDES = [32, 32, 16, 16, 8, 8, 8, 4, 4, 4, 2, 2, 2];
const RUNS = 20;
const SQUARE = 2048;

/** Every convolution of the network in oneDNN, beside a large product of matrices: the most that this machine does. */
export async function convolutionSpeeds(
  width: number,
  batch: number,
  threads: number,
): Promise<{ peak: number; convolutions: ConvolutionSpeed[] }> {
  const library = await loadLibrary();
  library.setThreads?.(threads);
  const backend = new OneDnnBackend(new Runtime(library));
  const [a, b, c] = [filled(SQUARE ** 2), filled(SQUARE ** 2), new Float32Array(SQUARE ** 2)];
  const operand = (values: Float32Array) => ({ values, transposed: false });
  const peak = speed(2 * SQUARE ** 3, () => multiply(backend, [SQUARE, SQUARE, SQUARE], operand(a), operand(b), c));
  const shapes = CHANNELS.map((count, layer) => {
    const of = (channels: number) => Math.max(1, Math.floor(channels * width));
    return { inputs: layer === 0 ? 3 : of(CHANNELS[layer - 1] ?? 0), outputs: of(count), side: SIDES[layer] ?? 0 };
  });
  const distinct = new Map(shapes.map((shape) => [JSON.stringify(shape), shape]));
  const convolutions = [3, 1].flatMap((size) =>
    [...distinct.values()].map((shape) => measure(backend, batch, size, shape)),
  );
  backend.dispose();
  return { peak, convolutions };
}

function measure(
  backend: OneDnnBackend,
  batch: number,
  size: number,
  { inputs, outputs, side }: { inputs: number; outputs: number; side: number },
): ConvolutionSpeed {
  const convolution: Convolution = {
    input: [batch, side, side, inputs],
    kernel: [size, size, inputs, outputs],
    window: square(size, 1, size >> 1),
    groups: 1,
  };
  const operations = 2 * batch * side * side * inputs * outputs * size * size;
  const [x, kernel] = [filled(batch * side * side * inputs), filled(size * size * inputs * outputs)];
  const y = filled(outputShape(convolution).reduce((product, length) => product * length, 1));
  const [dx, dkernel] = [new Float32Array(x.length), new Float32Array(kernel.length)];
  return {
    shape: `${size}x${size}, ${inputs} to ${outputs}, ${side}x${side}`,
    inputGradient: speed(operations, () => inputGradient(backend, convolution, y, kernel, dx)),
    kernelGradient: speed(operations, () => kernelGradient(backend, convolution, x, y, dkernel)),
    forward: speed(operations, () => convolve(backend, convolution, x, kernel, y)),
  };
}

const filled = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => Math.sin(index));

/** The fastest of the runs: other work on the machine only adds. */
function speed(operations: number, work: () => void): number {
  work();
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    work();
    best = Math.min(best, performance.now() - began);
  }
  return operations / best / 1e6;
}
