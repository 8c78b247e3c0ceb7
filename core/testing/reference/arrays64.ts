import { createRandomSource } from '../../train/random/index.js';
import { type Array64, zeros } from './loops64.js';

/** Makes arrays of standard normal numbers, each from a stream of its own. */
export function normal64(seed: number): (...shape: number[]) => Array64 {
  const source = createRandomSource(seed);
  let made = 0;
  return (...shape) => {
    const stream = source.stream('array', made++);
    const array = zeros(shape);
    return { shape, data: array.data.map(() => stream.normal()) };
  };
}

/** One value per channel added everywhere. */
export const addChannels = ({ shape, data }: Array64, values: Float64Array): Array64 => ({
  shape,
  data: data.map((value, index) => value + (values[index % values.length] as number)),
});

/** `border` pixels around images, one value per channel. */
export function bordered({ shape, data }: Array64, border: number, values: Float64Array): Array64 {
  const [images, height, width, channels] = shape as [number, number, number, number];
  const padded = zeros([images, height + 2 * border, width + 2 * border, channels]);
  for (const index of padded.data.keys()) padded.data[index] = values[index % channels] as number;
  const [rows, columns] = [height + 2 * border, width + 2 * border];
  for (let n = 0; n < images; n++) {
    for (let row = 0; row < height; row++) {
      const from = (n * height + row) * width * channels;
      const to = ((n * rows + row + border) * columns + border) * channels;
      padded.data.set(data.subarray(from, from + width * channels), to);
    }
  }
  return padded;
}

/** Largest |a − b| over the largest |b|, or over 1 where everything is small; infinite when lengths differ or a number is not one. */
export function difference64(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [worst, scale] = [0, 1];
  for (let at = 0; at < expected.length; at++) {
    const error = Math.abs((found[at] as number) - (expected[at] as number));
    if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    scale = Math.max(scale, Math.abs(expected[at] as number));
  }
  return worst / scale;
}
