import type { TensorInfo } from '@tensorflow/tfjs-core';
import { KERNELS, type PoolAttributes } from '../../../../core/ops/index.js';
import { allocate, heapKernel, view } from './heap.js';

interface Inputs {
  readonly x: TensorInfo;
  readonly y: TensorInfo;
  readonly dy: TensorInfo;
}

type Shape = readonly [number, number, number, number];

/** Looks for each output's winner in its window, in row order, and adds its dy there: one pass instead of ten over size² taps. */
export const maxPoolGradient = heapKernel<Inputs, PoolAttributes>(
  KERNELS.maxPoolGradient,
  (backend, { x, y, dy }, attributes) => {
    const output = allocate(backend, x.shape);
    const dx = view(backend, output).fill(0);
    scatter(
      view(backend, x),
      view(backend, y),
      view(backend, dy),
      dx,
      x.shape as unknown as Shape,
      y.shape as unknown as Shape,
      attributes,
    );
    return output;
  },
);

function scatter(
  x: Float32Array,
  y: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  [images, height, width, channels]: Shape,
  [, outHeight, outWidth]: Shape,
  { size, stride, padding }: PoolAttributes,
): void {
  let at = 0;
  for (let image = 0; image < images; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const top = outRow * stride - padding;
      const [firstRow, lastRow] = [Math.max(0, top), Math.min(height, top + size)];
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * stride - padding;
        const [firstColumn, lastColumn] = [Math.max(0, left), Math.min(width, left + size)];
        for (let channel = 0; channel < channels; channel++, at++) {
          const highest = y[at] as number;
          search: for (let row = firstRow; row < lastRow; row++) {
            let from = ((image * height + row) * width + firstColumn) * channels + channel;
            for (let column = firstColumn; column < lastColumn; column++, from += channels) {
              if (x[from] !== highest) continue;
              dx[from] = (dx[from] as number) + (dy[at] as number);
              break search;
            }
          }
        }
      }
    }
  }
}
