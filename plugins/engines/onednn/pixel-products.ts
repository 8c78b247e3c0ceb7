import type { OneDnnBackend } from './backend.js';
import { type Convolution, outputShape } from './convolution-shape.js';
import { addProducts, type Block } from './matrix.js';

// A convolution of maps of few pixels as products of matrices. Of nine taps over 2x2 pixels four see the image: a product for each
// pixel of the output and row of the kernel leaves out the others, which oneDNN's convolutions go through.

/** Fewer images or channels leave the products too thin. */
const LEAST = { images: 16, channels: 64 };
/** Pixels of the maps up to which products are faster whatever else, and up to which where one of the reasons below holds. */
const MOST_PIXELS = { always: 4, reasoned: 16 };
/** Kernels of so many channels are too large for a cache, from which oneDNN's convolutions would read them many times. */
const WIDE = 256;

/** Whether products of matrices compute this pass of a convolution faster than oneDNN's own convolutions. */
export function isOfFewPixels(
  { runtime }: OneDnnBackend,
  { input, kernel, window, groups }: Convolution,
  pass: 'forward' | 'input' | 'kernel',
): boolean {
  const [images, height, width, inputs] = input;
  const { size, stride } = window;
  const channels = Math.min(inputs, kernel[3]);
  // Without AVX-512, from which oneDNN's convolutions gain more than its products, these are ahead but for the kernel.
  const reasoned = channels >= WIDE || (!runtime.hasAvx512 && pass !== 'kernel');
  const most = reasoned ? MOST_PIXELS.reasoned : MOST_PIXELS.always;
  return (
    height * width <= most &&
    size[0] * size[1] > 1 &&
    groups === 1 &&
    stride[0] === 1 &&
    stride[1] === 1 &&
    images >= LEAST.images &&
    channels >= LEAST.channels
  );
}

/** Taps next to each other in a row of the kernel, and what they see of the images for one pixel of the output. */
interface Run {
  readonly output: number;
  readonly input: number;
  readonly tap: number;
  readonly count: number;
}

function runs(convolution: Convolution): Run[] {
  const { input, window } = convolution;
  const [, height, width] = input;
  const [, rows, columns] = outputShape(convolution);
  const { size, dilation, before } = window;
  const all: Run[] = [];
  for (let output = 0; output < rows * columns; output++) {
    const [top, left] = [Math.floor(output / columns) - before[0], (output % columns) - before[1]];
    for (let down = 0; down < size[0]; down++) {
      const row = top + down * dilation[0];
      if (row < 0 || row >= height) continue;
      let [first, count] = [0, 0];
      for (let across = 0; across < size[1]; across++) {
        const column = left + across * dilation[1];
        if (column < 0 || column >= width) continue;
        if (count === 0) first = across;
        count++;
        // Taps further apart are not next to each other in the images.
        const ends = dilation[1] > 1 || across + 1 === size[1] || column + 1 === width;
        if (!ends) continue;
        const input = row * width + left + first * dilation[1];
        all.push({ output, input, tap: down * size[1] + first, count });
        count = 0;
      }
    }
  }
  return all;
}

/** A run, placed in the arrays of a convolution. */
interface Placed {
  readonly images: number;
  /** Channels that it sees, and those of the output. */
  readonly inputs: number;
  readonly outputs: number;
  readonly x: Block;
  readonly kernel: Block;
  readonly y: Block;
}

function eachRun(
  convolution: Convolution,
  x: Float32Array,
  kernel: Float32Array,
  y: Float32Array,
  work: (run: Placed) => void,
): void {
  const [images, height, width, inputs] = convolution.input;
  const [, rows, columns, outputs] = outputShape(convolution);
  for (const { output, input, tap, count } of runs(convolution))
    work({
      images,
      inputs: count * inputs,
      outputs,
      x: { values: x, start: input * inputs, stride: height * width * inputs },
      kernel: { values: kernel, start: tap * inputs * outputs, stride: outputs },
      y: { values: y, start: output * outputs, stride: rows * columns * outputs },
    });
}

/** y = x * kernel + bias */
export function convolveByPixels(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  kernel: Float32Array,
  y: Float32Array,
  bias?: Float32Array,
): void {
  if (bias) for (let at = 0; at < y.length; at += bias.length) y.set(bias, at);
  else y.fill(0);
  addProducts(backend, (add) =>
    eachRun(convolution, x, kernel, y, (run) =>
      add([run.images, run.inputs, run.outputs], run.x, run.kernel, run.y, 'neither'),
    ),
  );
}

export function inputGradientByPixels(
  backend: OneDnnBackend,
  convolution: Convolution,
  dy: Float32Array,
  kernel: Float32Array,
  dx: Float32Array,
): void {
  dx.fill(0);
  addProducts(backend, (add) =>
    eachRun(convolution, dx, kernel, dy, (run) =>
      add([run.images, run.outputs, run.inputs], run.y, run.kernel, run.x, 'b'),
    ),
  );
}

export function kernelGradientByPixels(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  dy: Float32Array,
  dkernel: Float32Array,
): void {
  dkernel.fill(0);
  addProducts(backend, (add) =>
    eachRun(convolution, x, dkernel, dy, (run) =>
      add([run.inputs, run.images, run.outputs], run.x, run.y, run.kernel, 'a'),
    ),
  );
}
