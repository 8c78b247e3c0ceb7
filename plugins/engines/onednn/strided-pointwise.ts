import type { OneDnnBackend } from './backend.js';
import type { Convolution } from './convolution-shape.js';
import { dense, strided } from './descriptions.js';
import { places, type Shape4 } from './kernels/geometry.js';
import { copy, type Layout } from './reorder.js';

/**
 * A 1x1 convolution with a stride reads some pixels only: they are gathered, and a convolution without a stride does the rest. oneDNN
 * 2.6 does the same inside, but its kernel gradient then writes past its own buffers where the channels do not fill a vector
 * (seen with 3 channels at stride 2).
 */
export const isStridedPointwise = ({ window: { size, stride } }: Convolution): boolean =>
  size[0] === 1 && size[1] === 1 && (stride[0] > 1 || stride[1] > 1);

/** The same convolution of the gathered pixels. */
export function ofGathered(convolution: Convolution): Convolution {
  const { input, window } = convolution;
  return {
    ...convolution,
    input: [input[0], ...places(input, window), input[3]],
    window: { ...window, stride: [1, 1], before: [0, 0], after: [0, 0] },
  };
}

/** Copies the pixels that are read; zeros where the padding is read. */
export function gather(backend: OneDnnBackend, x: Float32Array, convolution: Convolution, to: Float32Array): void {
  const [rows, columns] = places(convolution.input, convolution.window);
  const all = boxes(convolution);
  if (all.reduce((count, box) => count + box.rows * box.columns, 0) < rows * columns) to.fill(0);
  for (const box of all)
    moving(backend, convolution, box, 'gathered').run(x.subarray(box.ofImages), to.subarray(box.ofGathered));
}

/** The opposite: gradients of the pixels that were read, zeros elsewhere. */
export function scatter(
  backend: OneDnnBackend,
  gathered: Float32Array,
  convolution: Convolution,
  dx: Float32Array,
): void {
  dx.fill(0);
  for (const box of boxes(convolution))
    moving(backend, convolution, box, 'scattered').run(gathered.subarray(box.ofGathered), dx.subarray(box.ofImages));
}

/** Pixels of the images that are read, in rows and columns. */
interface Box {
  readonly rows: number;
  readonly columns: number;
  /** Where the first of them begins, among the images' values and among those gathered. */
  readonly ofImages: number;
  readonly ofGathered: number;
}

/** All that are read but those in the padding. */
function boxes({ input, window }: Convolution): Box[] {
  const [, height, width, channels] = input;
  const [rows, columns] = places(input, window);
  const [down, across] = [0, 1].map((axis) =>
    runs(axis ? columns : rows, axis ? width : height, window.stride[axis] as number, window.before[axis] as number),
  ) as [Run[], Run[]];
  return down.flatMap((vertical) =>
    across.map((horizontal) => ({
      rows: vertical.count,
      columns: horizontal.count,
      ofImages: (vertical.pixel * width + horizontal.pixel) * channels,
      ofGathered: (vertical.first * columns + horizontal.first) * channels,
    })),
  );
}

/** Places along an axis from the `first` on, and the pixel that this one reads. */
interface Run {
  readonly first: number;
  readonly count: number;
  readonly pixel: number;
}

/** The places that read a pixel: the last on its own where a whole stride from it on does not fit, as the library demands. */
function runs(places: number, length: number, stride: number, before: number): Run[] {
  const first = Math.ceil(before / stride);
  const count = Math.min(places, Math.floor((length - 1 + before) / stride) + 1) - first;
  const run = (from: number, count: number): Run => ({ first: from, count, pixel: from * stride - before });
  const fitting = Math.min(count, Math.floor(length / stride));
  return [run(first, fitting), run(first + fitting, count - fitting)].filter((run) => run.count > 0);
}

function moving(backend: OneDnnBackend, { input, window }: Convolution, box: Box, way: 'gathered' | 'scattered') {
  const [images, , width, channels] = input;
  const [down, across] = window.stride;
  const [rows, columns] = places(input, window);
  const key = [...input, down, across, rows, columns, box.rows, box.columns, box.ofImages, box.ofGathered];
  return backend.primitives.get(way, key, () => {
    const { runtime } = backend;
    const shape = [images, channels, box.rows, box.columns];
    /** From the first pixel on, in images that lie behind each other. */
    const layout = (of: Shape4, begin: number, row: number, column: number): Layout => ({
      description: strided(runtime, shape, [of[1] * of[2] * channels, 1, row, column]),
      whole: dense(runtime, [of[0] * of[1] * of[2] * channels - begin]),
    });
    const there = layout(input, box.ofImages, down * width * channels, across * channels);
    const here = layout([images, rows, columns, channels], box.ofGathered, columns * channels, channels);
    const name = `pixels ${down} rows and ${across} columns apart of [${input}], ${way}`;
    return way === 'gathered' ? copy(runtime, name, there, here) : copy(runtime, name, here, there);
  });
}
