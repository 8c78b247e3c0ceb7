import type { OneDnnBackend } from './backend.js';
import { type Shape4, sizeOf } from './kernels/geometry.js';

/** An image is held against itself at these distances at most, up and down, left and right. */
export type Reach = readonly [rows: number, columns: number];

/** A part of the images: the whole, an edge or a corner, laid out as images of its own. */
export interface ImagePart {
  readonly shape: Shape4;
  readonly reach: Reach;
  /** Of an image's pixels, the first of the part and the step from one to the next. */
  readonly first: number;
  readonly step: number;
}

const POINT: Reach = [0, 0];

/** The parts that PatchMoments is about, in its order. Edges are rows, also the vertical ones. */
export function imageParts([images, height, width, channels]: Shape4, size: 1 | 3): ImagePart[] {
  const whole: ImagePart = {
    shape: [images, height, width, channels],
    reach: size === 1 ? POINT : [2, 2],
    first: 0,
    step: 1,
  };
  if (size === 1) return [whole];
  const [row, column] = [(height - 1) * width, width - 1];
  const edge = (length: number, first: number, step: number): ImagePart => ({
    shape: [images, 1, length, channels],
    reach: [0, 2],
    first,
    step,
  });
  const corner = (first: number): ImagePart => ({ shape: [images, 1, 1, channels], reach: POINT, first, step: 1 });
  return [
    whole,
    edge(width, row, 1),
    edge(width, 0, 1),
    edge(height, column, width),
    edge(height, 0, width),
    ...[row + column, row, column, 0].map(corner),
  ];
}

/** The pixels of a part, one after the other, for the time of `work`; `x` itself for the whole. */
export function withPart<Result>(
  backend: OneDnnBackend,
  x: Float32Array,
  pixels: number,
  part: ImagePart,
  work: (values: Float32Array) => Result,
): Result {
  const { shape, first, step } = part;
  const [images, , length, channels] = shape;
  if (sizeOf(shape) === x.length) return work(x);
  return backend.scratch(sizeOf(shape), (values) => {
    let to = 0;
    for (let image = 0; image < images; image++) {
      const start = (image * pixels + first) * channels;
      if (step === 1) {
        values.set(x.subarray(start, start + length * channels), to);
        to += length * channels;
        continue;
      }
      for (let index = 0; index < length; index++) {
        const from = start + index * step * channels;
        // A loop: views of a few channels each cost more than what they copy.
        for (let channel = 0; channel < channels; channel++, to++) values[to] = x[from + channel] as number;
      }
    }
    return work(values);
  });
}

/** Adds a part's own values to its pixels. */
export function addToPart(
  x: Float32Array,
  values: Float32Array,
  pixels: number,
  { shape, first, step }: ImagePart,
): void {
  const [images, , length, channels] = shape;
  let from = 0;
  for (let image = 0; image < images; image++) {
    for (let index = 0; index < length; index++) {
      const to = (image * pixels + first + index * step) * channels;
      for (let channel = 0; channel < channels; channel++, from++)
        x[to + channel] = (x[to + channel] as number) + (values[from] as number);
    }
  }
}
