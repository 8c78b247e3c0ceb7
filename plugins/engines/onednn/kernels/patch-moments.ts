import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type PatchMomentsAttributes } from '../../../../core/ops/kernels.js';
import { ALGORITHM } from '../abi.js';
import type { OneDnnBackend } from '../backend.js';
import { type Convolution, convolve, kernelGradient } from '../convolution.js';
import { binary, channels, imagesOf } from '../elementwise.js';
import { multiply } from '../matrix.js';
import { type Shape4, sizeOf } from './geometry.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';

/** An image is held against itself at these distances at most, downwards and to the right. */
type Reach = readonly [down: number, right: number];

/** A part of the images: the whole, an edge or a corner, laid out as images of its own. */
interface Part {
  readonly shape: Shape4;
  readonly reach: Reach;
  /** Of an image's pixels, the first of the part and the step from one to the next. */
  readonly first: number;
  readonly step: number;
}

const WHOLE_3: Reach = [2, 2];
const ALONG: Reach = [0, 2];
const POINT: Reach = [0, 0];

/** Edges are rows, also the vertical ones. */
function parts([images, height, width, channels]: Shape4, size: 1 | 3): Part[] {
  const whole: Part = {
    shape: [images, height, width, channels],
    reach: size === 1 ? POINT : WHOLE_3,
    first: 0,
    step: 1,
  };
  if (size === 1) return [whole];
  const [row, column] = [(height - 1) * width, width - 1];
  const edge = (length: number, first: number, step: number): Part => ({
    shape: [images, 1, length, channels],
    reach: ALONG,
    first,
    step,
  });
  const corner = (first: number): Part => ({ shape: [images, 1, 1, channels], reach: POINT, first, step: 1 });
  return [
    whole,
    edge(width, row, 1),
    edge(width, 0, 1),
    edge(height, column, width),
    edge(height, 0, width),
    ...[row + column, row, column, 0].map(corner),
  ];
}

const offsets = ([down, right]: Reach): number => (2 * down + 1) * (2 * right + 1);

/** Downwards only: what lies above follows by symmetry. */
const halfWindow = ({ shape, reach: [down, right] }: Part): Convolution => ({
  input: shape,
  kernel: [down + 1, 2 * right + 1, shape[3], shape[3]],
  groups: 1,
  window: {
    size: [down + 1, 2 * right + 1],
    stride: [1, 1],
    dilation: [1, 1],
    before: [0, right],
    after: [down, right],
  },
});

const fullWindow = ({ shape, reach: [down, right] }: Part): Convolution => ({
  input: shape,
  kernel: [2 * down + 1, 2 * right + 1, shape[3], shape[3]],
  groups: 1,
  window: {
    size: [2 * down + 1, 2 * right + 1],
    stride: [1, 1],
    dilation: [1, 1],
    before: [down, right],
    after: [down, right],
  },
});

/** The pixels of a part, one after the other; `x` itself for the whole. */
function withPart<Result>(
  backend: OneDnnBackend,
  x: Float32Array,
  pixels: number,
  { shape, first, step }: Part,
  work: (values: Float32Array) => Result,
): Result {
  const [images, , length, channels] = shape;
  if (sizeOf(shape) === x.length) return work(x);
  return backend.scratch(sizeOf(shape), (values) => {
    let to = 0;
    for (let image = 0; image < images; image++) {
      for (let index = 0; index < length; index++) {
        const from = (image * pixels + first + index * step) * channels;
        // A loop: views of a few channels each cost more than what they copy.
        for (let channel = 0; channel < channels; channel++, to++) values[to] = x[from + channel] as number;
      }
    }
    return work(values);
  });
}

/** Writes A_δ for all δ from those with rows downwards: A_(−δ) is the transpose of A_δ. */
function unfold(half: Float32Array, { shape, reach }: Part, count: number, to: Float32Array): void {
  const channels = shape[3];
  const area = channels * channels;
  const all = offsets(reach);
  const middle = (all - 1) / 2;
  const lead = half.length / area - 1 - middle;
  for (let offset = 0; offset < all; offset++) {
    const target = offset * area;
    if (offset >= middle - lead) {
      const source = (offset - middle + lead) * area;
      for (let at = 0; at < area; at++) to[target + at] = (half[source + at] as number) / count;
      continue;
    }
    const source = (all - 1 - offset - middle + lead) * area;
    for (let i = 0; i < channels; i++) {
      for (let j = 0; j < channels; j++) {
        to[target + i * channels + j] = (half[source + j * channels + i] as number) / count;
      }
    }
  }
}

function sumChannels(backend: OneDnnBackend, values: Float32Array, count: number, to: Float32Array): void {
  const [rows, channels] = [values.length / to.length, to.length];
  backend.scratch(rows, (ones) => {
    const weights = { values: ones.fill(1 / count), transposed: false };
    multiply(backend, [1, rows, channels], weights, { values, transposed: false }, to);
  });
}

const forward = kernel<{ x: tf.TensorInfo }, PatchMomentsAttributes>(
  KERNELS.patchMoments,
  (backend, { x }, { size }) => {
    const shape = shape4(KERNELS.patchMoments, 'x', x.shape);
    const values = backend.floats(x, KERNELS.patchMoments, 'x');
    const [, height, width, depth] = shape;
    const all = parts(shape, size);
    const matrices = all.reduce((sum, { reach }) => sum + offsets(reach), 0);
    const y = backend.output([matrices * depth + all.length, depth]);
    const count = values.length / depth;
    let row = 0;
    for (const [index, part] of all.entries()) {
      const rows = offsets(part.reach) * depth;
      withPart(backend, values, height * width, part, (own) => {
        const convolution = halfWindow(part);
        backend.scratch(sizeOf(convolution.kernel), (half) => {
          kernelGradient(backend, convolution, own, own, half);
          unfold(half, part, count, y.values.subarray(row * depth, (row + rows) * depth));
        });
        const sum = matrices * depth + index;
        sumChannels(backend, own, count, y.values.subarray(sum * depth, (sum + 1) * depth));
      });
      row += rows;
    }
    return y.info;
  },
);

const gradient = kernel<{ x: tf.TensorInfo; dmoments: tf.TensorInfo }, PatchMomentsAttributes>(
  KERNELS.patchMomentsGradient,
  (backend, { x, dmoments }, { size }) => {
    const name = KERNELS.patchMomentsGradient;
    const shape = shape4(name, 'x', x.shape);
    const [, height, width, depth] = shape;
    const all = parts(shape, size);
    const matrices = all.reduce((sum, { reach }) => sum + offsets(reach), 0);
    expectShape(name, 'dmoments', dmoments.shape, [matrices * depth + all.length, depth]);
    const values = backend.floats(x, name, 'x');
    const taps = backend.floats(dmoments, name, 'dmoments');
    const count = values.length / depth;
    const dx = backend.output(shape);
    let row = 0;
    for (const [index, part] of all.entries()) {
      const rows = offsets(part.reach) * depth;
      const sum = matrices * depth + index;
      const shift = taps.subarray(sum * depth, (sum + 1) * depth);
      backend.scratch(rows * depth, (own) => {
        for (let at = 0; at < own.length; at++) own[at] = ((taps[row * depth + at] as number) * 2) / count;
        withPart(backend, values, height * width, part, (image) => {
          if (index === 0) {
            convolve(backend, fullWindow(part), image, own, dx.values);
            addEverywhere(backend, dx.values, shift, count, part);
            return;
          }
          backend.scratch(image.length, (pulled) => {
            convolve(backend, fullWindow(part), image, own, pulled);
            addTo(dx.values, pulled, shift, count, height * width, part);
          });
        });
      });
      row += rows;
    }
    return dx.info;
  },
);

function addEverywhere(
  backend: OneDnnBackend,
  dx: Float32Array,
  shift: Float32Array,
  count: number,
  { shape }: Part,
): void {
  const all = imagesOf([dx.length / shape[3], 1, 1, shape[3]]);
  const own = shift.map((value) => value / count);
  binary(backend, ALGORITHM.add, all, channels(shape[3])).run(dx, own, dx);
}

/** Adds `pulled` and the shift over `count` to the pixels of an edge or corner. */
function addTo(
  dx: Float32Array,
  pulled: Float32Array,
  shift: Float32Array,
  count: number,
  pixels: number,
  { shape, first, step }: Part,
): void {
  const [images, , length, depth] = shape;
  let from = 0;
  for (let image = 0; image < images; image++) {
    for (let index = 0; index < length; index++) {
      const to = (image * pixels + first + index * step) * depth;
      for (let channel = 0; channel < depth; channel++, from++) {
        const more = (shift[channel] as number) / count + (pulled[from] as number);
        dx[to + channel] = (dx[to + channel] as number) + more;
      }
    }
  }
}

export const patchMoments = [forward, gradient];
