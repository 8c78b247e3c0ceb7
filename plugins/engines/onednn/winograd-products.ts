import type { OneDnnBackend } from './backend.js';
import { batchedProduct } from './batched-product.js';
import type { Convolution } from './convolution-shape.js';
import { dense, strided } from './descriptions.js';
import type { Shape4 } from './kernels/geometry.js';
import { multiply, plain, transposed } from './matrix.js';
import { reorder } from './reorder.js';
import {
  betweenOf,
  factors,
  type Grid,
  gridOf,
  own,
  rotatedFactors,
  SIDE,
  type Side,
  seen,
  tilesOf,
} from './winograd-tiles.js';
import { intoTiles, outOfTiles } from './winograd-transforms.js';

// Winograd's form of a 3x3 convolution by products of matrices, where that is faster than what oneDNN has of its own.

const PRODUCTS = SIDE ** 2;
const TAPS = 9;
/** Values of all tiles of the images that are computed at once: they are read again while they are in the cache. */
const MOST_VALUES = 2 ** 20;

/** y = x * kernel; as `input` from gradients of y those of x, which is a convolution with the rotated kernel. */
export function convolveInTiles(
  backend: OneDnnBackend,
  { input: [images, height, width], kernel: [, , inputs, outputs] }: Convolution,
  pass: 'forward' | 'input',
  x: Float32Array,
  kernel: Float32Array,
  y: Float32Array,
): void {
  const area = inputs * outputs;
  const [from, to] = pass === 'forward' ? [inputs, outputs] : [outputs, inputs];
  const [taps, order] = pass === 'forward' ? [factors, 'neither' as const] : [rotatedFactors, 'b' as const];
  backend.scratch(PRODUCTS * area, (kernels) => {
    multiply(backend, [PRODUCTS, TAPS, area], plain(taps), plain(kernel), kernels);
    eachPart([images, height, width], Math.max(from, to), (first, count) => {
      const given: Part = { first, shape: [count, height, width, from] };
      const made: Part = { first, shape: [count, height, width, to] };
      // The tiles are given back before their sums become images again, which takes as much.
      const sums = withTiles(backend, seen, x, given, (tiles, rows) =>
        filled(backend, PRODUCTS * rows * to, (sums) =>
          batchedProduct(backend, PRODUCTS, [rows, from, to], order).run(tiles, kernels, sums),
        ),
      );
      try {
        fromTiles(backend, sums, y, made);
      } finally {
        backend.giveBack(sums);
      }
    });
  });
}

/** The gradient of the kernel. */
export function kernelGradientInTiles(
  backend: OneDnnBackend,
  { input: [images, height, width], kernel: [, , inputs, outputs] }: Convolution,
  x: Float32Array,
  dy: Float32Array,
  dkernel: Float32Array,
): void {
  const area = inputs * outputs;
  backend.scratch(PRODUCTS * area, (kernels) => {
    eachPart([images, height, width], Math.max(inputs, outputs), (first, count) => {
      withTiles(backend, seen, x, { first, shape: [count, height, width, inputs] }, (tiles, rows) =>
        withTiles(backend, own, dy, { first, shape: [count, height, width, outputs] }, (others) =>
          batchedProduct(backend, PRODUCTS, [inputs, rows, outputs], 'a', first > 0).run(tiles, others, kernels),
        ),
      );
    });
    multiply(backend, [TAPS, PRODUCTS, area], transposed(factors), plain(kernels), dkernel);
  });
}

/** A borrowed array, which is the caller's to give back once it is filled. */
function filled(backend: OneDnnBackend, length: number, fill: (array: Float32Array) => void): Float32Array {
  const array = backend.borrow(length);
  try {
    fill(array);
    return array;
  } catch (error) {
    backend.giveBack(array);
    throw error;
  }
}

/** Some of the images. */
interface Part {
  readonly first: number;
  readonly shape: Shape4;
}

/** So many images at a time as there is room for. */
function eachPart(
  [images, height, width]: readonly [number, number, number],
  channels: number,
  work: (first: number, count: number) => void,
): void {
  const each = tilesOf(gridOf(height, width, channels));
  const parts = Math.min(images, Math.ceil((images * each) / MOST_VALUES));
  const most = Math.ceil(images / parts);
  for (let first = 0; first < images; first += most) work(first, Math.min(most, images - first));
}

/** What is taken of images for their tiles, `[36, rows, C]`: a row for each tile and image. */
function withTiles<Result>(
  backend: OneDnnBackend,
  side: Side,
  x: Float32Array,
  part: Part,
  work: (tiles: Float32Array, rows: number) => Result,
): Result {
  const grid = gridFor(part);
  return backend.scratch(tilesOf(grid), (tiles) => {
    backend.scratch(imagesOf(x, part).length, (pixels) => {
      laidOut(backend, part.shape, 'pixels').run(imagesOf(x, part), pixels);
      backend.scratch(betweenOf(grid), (between) => intoTiles(backend, side, grid, pixels, between, tiles));
    });
    return work(tiles, grid.down * grid.across * part.shape[0]);
  });
}

/** The images that sums of products make. */
function fromTiles(backend: OneDnnBackend, sums: Float32Array, y: Float32Array, part: Part): void {
  const grid = gridFor(part);
  backend.scratch(imagesOf(y, part).length, (pixels) => {
    backend.scratch(betweenOf(grid), (between) => outOfTiles(backend, grid, sums, between, pixels));
    laidOut(backend, part.shape, 'images').run(pixels, imagesOf(y, part));
  });
}

const gridFor = ({ shape: [count, height, width, channels] }: Part): Grid => gridOf(height, width, count * channels);

function imagesOf(all: Float32Array, { first, shape: [count, height, width, channels] }: Part): Float32Array {
  const each = height * width * channels;
  return all.subarray(first * each, (first + count) * each);
}

/** Images `[N,H,W,C]` pixel by pixel, `[H,W,N,C]`, or these as images. */
function laidOut(backend: OneDnnBackend, [count, height, width, channels]: Shape4, to: 'pixels' | 'images') {
  return backend.primitives.get(`layout of ${to}`, [count, height, width, channels], () => {
    const { runtime } = backend;
    const images = dense(runtime, [count, height, width, channels]);
    const pixels = strided(
      runtime,
      [count, height, width, channels],
      [channels, width * count * channels, count * channels, 1],
    );
    const name = `[${count},${height},${width},${channels}] as ${to}`;
    return to === 'pixels' ? reorder(runtime, name, images, pixels) : reorder(runtime, name, pixels, images);
  });
}
