import { places, type Shape4 } from './kernels/geometry.js';
import type { Pooling } from './pooling.js';

// The maximum pool in loops, for images that are not finite: the library takes the largest of the numbers where one is NaN.

/** One place of a window for one channel: its index in the output, and the pixels it sees, in row order. */
type Visit = (place: number, pixels: Generator<number>) => void;

function visit({ input, window }: Pooling, work: Visit): void {
  const [images, , , channels] = input;
  const [outRows, outColumns] = places(input, window);
  let place = 0;
  for (let image = 0; image < images; image++)
    for (let outRow = 0; outRow < outRows; outRow++)
      for (let outColumn = 0; outColumn < outColumns; outColumn++)
        for (let channel = 0; channel < channels; channel++)
          work(place++, pixels(input, window, [image, outRow, outColumn, channel]));
}

function* pixels(
  [, height, width, channels]: Shape4,
  { size, stride, before }: Pooling['window'],
  [image, outRow, outColumn, channel]: Shape4,
): Generator<number> {
  const [top, left] = [outRow * stride[0] - before[0], outColumn * stride[1] - before[1]];
  for (let row = Math.max(0, top); row < Math.min(height, top + size[0]); row++)
    for (let column = Math.max(0, left); column < Math.min(width, left + size[1]); column++)
      yield ((image * height + row) * width + column) * channels + channel;
}

/** Writes the largest value that each window sees, or NaN where it sees one. */
export function maximaInLoops(pooling: Pooling, x: Float32Array, y: Float32Array): void {
  visit(pooling, (place, seen) => {
    let highest = Number.NEGATIVE_INFINITY;
    for (const at of seen) highest = Math.max(highest, x[at] as number);
    y[place] = highest;
  });
}

/** Gives each dy to the first value in row order that is the largest; a NaN gets none. */
export function maximaGradientInLoops(
  pooling: Pooling,
  { x, y, dy }: Readonly<Record<'x' | 'y' | 'dy', Float32Array>>,
  dx: Float32Array,
): void {
  dx.fill(0);
  visit(pooling, (place, seen) => {
    for (const at of seen) {
      if (x[at] !== y[place]) continue;
      dx[at] = (dx[at] as number) + (dy[place] as number);
      return;
    }
  });
}
