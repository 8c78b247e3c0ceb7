import type { OneDnnBackend } from './backend.js';
import { images, partOfImages } from './descriptions.js';
import { type Shape4, sizeOf } from './kernels/geometry.js';
import type { Primitive } from './primitive.js';
import { copy } from './reorder.js';

/** An image is held against itself at these distances at most, up and down, left and right. */
export type Reach = readonly [rows: number, columns: number];

/** A part of images `[N,H,W,C]`: the whole, an edge or a corner. */
export interface ImagePart {
  /** Laid out as images of its own: an edge is a row, also a vertical one. */
  readonly shape: Shape4;
  readonly reach: Reach;
  /** Where it lies: height and width there, and its first pixel. */
  readonly size: readonly [height: number, width: number];
  readonly begin: readonly [row: number, column: number];
}

const POINT: Reach = [0, 0];

/** The parts that PatchMoments is about, in its order. */
export function imageParts([count, height, width, channels]: Shape4, size: 1 | 3): ImagePart[] {
  const whole: ImagePart = {
    shape: [count, height, width, channels],
    reach: size === 1 ? POINT : [2, 2],
    size: [height, width],
    begin: [0, 0],
  };
  if (size === 1) return [whole];
  const [bottom, right] = [height - 1, width - 1];
  const edge = (vertical: boolean, row: number, column: number): ImagePart => ({
    shape: [count, 1, vertical ? height : width, channels],
    reach: [0, 2],
    size: vertical ? [height, 1] : [1, width],
    begin: [row, column],
  });
  const corner = (row: number, column: number): ImagePart => ({
    shape: [count, 1, 1, channels],
    reach: POINT,
    size: [1, 1],
    begin: [row, column],
  });
  return [
    whole,
    edge(false, bottom, 0),
    edge(false, 0, 0),
    edge(true, 0, right),
    edge(true, 0, 0),
    corner(bottom, right),
    corner(bottom, 0),
    corner(0, right),
    corner(0, 0),
  ];
}

const isWhole = ({ shape }: ImagePart, images: Shape4): boolean => sizeOf(shape) === sizeOf(images);

/** The pixels of a part, one after the other, for the time of `work`; `x` itself for the whole. */
export function withPart<Result>(
  backend: OneDnnBackend,
  x: Float32Array,
  shape: Shape4,
  part: ImagePart,
  work: (values: Float32Array) => Result,
): Result {
  if (isWhole(part, shape)) return work(x);
  return backend.scratch(sizeOf(part.shape), (values) => {
    between(backend, shape, part, 'out of images').run(x, values);
    return work(values);
  });
}

/** Adds a part's own values to its pixels. */
export function addToPart(
  backend: OneDnnBackend,
  x: Float32Array,
  shape: Shape4,
  part: ImagePart,
  values: Float32Array,
): void {
  between(backend, shape, part, 'into images').run(values, x);
}

/** Copies a part's pixels out of images, or adds to them. */
function between(
  backend: OneDnnBackend,
  shape: Shape4,
  part: ImagePart,
  way: 'out of images' | 'into images',
): Primitive {
  const { size, begin } = part;
  return backend.primitives.get(way, [...shape, ...size, ...begin], () => {
    const name = `part ${size} from ${begin} on ${way} [${shape}]`;
    const { runtime } = backend;
    const [count, , , channels] = shape;
    const there = { description: partOfImages(runtime, shape, size, begin), whole: images(runtime, shape) };
    const here = { description: images(runtime, [count, ...size, channels]) };
    return way === 'into images' ? copy(runtime, name, here, there, true) : copy(runtime, name, there, here);
  });
}
