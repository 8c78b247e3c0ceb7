import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvolutionKernelGradientAttributes, KERNELS } from '../../../../core/ops/index.js';
import { allocate, heapKernel, multiply, view } from './heap.js';

interface Inputs {
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
}

type Shape = readonly [number, number, number, number];

/** Floats of patches at a time: they stay in the second-level cache between being laid out and being read. */
const PATCH_FLOATS = 1 << 18;

/**
 * dkernel = patches · dy, the patches of a few images at a time, laid out with the pixels in rows: the matrix product of
 * tfjs-backend-wasm runs at 8 to 15 GFLOP/s this way, and at 0.5 where it is asked to transpose an operand.
 */
export const convolutionKernelGradient = heapKernel<Inputs, ConvolutionKernelGradientAttributes>(
  KERNELS.convolutionKernelGradient,
  (backend, { x, dy }, attributes) => {
    const [height, width, inputs] = attributes.kernelShape;
    const [images, outHeight, outWidth] = dy.shape as unknown as Shape;
    const output = allocate(backend, attributes.kernelShape);
    view(backend, output).fill(0);
    const rows = height * width * inputs;
    const pixels = outHeight * outWidth;
    const atOnce = Math.min(images, Math.max(1, Math.floor(PATCH_FLOATS / (rows * pixels))));
    for (let first = 0; first < images; first += atOnce) {
      const count = Math.min(atOnce, images - first);
      for (let group = 0; group < attributes.groups; group++) {
        addProduct(backend, { x, dy, output, group, first, count }, attributes);
      }
    }
    return output;
  },
);

interface Part {
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
  readonly output: TensorInfo;
  readonly group: number;
  /** First image, and how many. */
  readonly first: number;
  readonly count: number;
}

function addProduct(backend: BackendWasm, part: Part, attributes: ConvolutionKernelGradientAttributes): void {
  const { x, dy, output, group, first, count } = part;
  const { groups, kernelShape } = attributes;
  const [height, width, inputs, outputs] = kernelShape;
  const [, outHeight, outWidth] = dy.shape as unknown as Shape;
  const rows = height * width * inputs;
  const columns = outputs / groups;
  const pixels = count * outHeight * outWidth;
  const patches = allocate(backend, [rows, pixels]);
  const seen = allocate(backend, [pixels, columns]);
  layOut(
    view(backend, x),
    view(backend, patches),
    x.shape as unknown as Shape,
    [outHeight, outWidth],
    part,
    attributes,
  );
  const from = view(backend, dy).subarray(first * outHeight * outWidth * outputs);
  copyColumns(from, view(backend, seen), { pixels, outputs, columns, offset: group * columns });
  const product = multiply(backend, patches, seen);
  const [sum, added] = [view(backend, output), view(backend, product)];
  for (let row = 0; row < rows; row++) {
    const to = row * outputs + group * columns;
    for (let column = 0; column < columns; column++)
      sum[to + column] = (sum[to + column] as number) + (added[row * columns + column] as number);
  }
  for (const { dataId } of [patches, seen, product]) backend.disposeData(dataId);
}

/** A row for each position of the kernel and channel of the group: what that position saw, pixel by pixel. */
function layOut(
  x: Float32Array,
  patches: Float32Array,
  [, height, width, channels]: Shape,
  [outHeight, outWidth]: readonly [number, number],
  { group, first, count }: Part,
  { stride, padding, kernelShape }: ConvolutionKernelGradientAttributes,
): void {
  const [kernelHeight, kernelWidth, inputs] = kernelShape;
  let to = 0;
  for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
    const top = Math.floor(tap / kernelWidth) - padding[0];
    const left = (tap % kernelWidth) - padding[1];
    const [start, end] = inside(left, stride, width, outWidth);
    for (let channel = group * inputs; channel < (group + 1) * inputs; channel++) {
      for (let image = first; image < first + count; image++) {
        for (let outRow = 0; outRow < outHeight; outRow++, to += outWidth) {
          const row = top + outRow * stride;
          if (row < 0 || row >= height || start >= end) {
            patches.fill(0, to, to + outWidth);
            continue;
          }
          for (let column = 0; column < start; column++) patches[to + column] = 0;
          let from = ((image * height + row) * width + left + start * stride) * channels + channel;
          for (let column = start; column < end; column++, from += stride * channels)
            patches[to + column] = x[from] as number;
          for (let column = end; column < outWidth; column++) patches[to + column] = 0;
        }
      }
    }
  }
}

/** The output columns whose pixel lies in the image: from, to (exclusive). */
function inside(left: number, stride: number, width: number, outWidth: number): readonly [number, number] {
  const start = Math.min(outWidth, Math.max(0, Math.ceil(-left / stride)));
  return [start, Math.max(start, Math.min(outWidth, Math.ceil((width - left) / stride)))];
}

function copyColumns(
  from: Float32Array,
  to: Float32Array,
  { pixels, outputs, columns, offset }: { pixels: number; outputs: number; columns: number; offset: number },
): void {
  if (columns === outputs) {
    to.set(from.subarray(0, pixels * outputs));
    return;
  }
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let column = 0; column < columns; column++)
      to[pixel * columns + column] = from[pixel * outputs + offset + column] as number;
}
