import * as tf from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { multiply, plain } from '../matrix.js';
import { sizeOf } from './geometry.js';
import { fallback, kernel, type OneDnnKernel } from './register.js';

interface Attributes {
  readonly axis: number | number[];
  readonly keepDims?: boolean;
}

/** From here on a product with a vector of ones beats a loop. The library's own reduction is its slow reference. */
const LARGE = 4096;

/** `[outer, reduced, inner]`: a shape around the axes that are summed, which stand side by side. */
type Extent = readonly [outer: number, reduced: number, inner: number];

function extentOf(shape: readonly number[], axes: readonly number[]): Extent | undefined {
  const first = axes[0] ?? 0;
  if (axes.some((axis, index) => axis !== first + index)) return undefined;
  const last = first + axes.length;
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first, last)), sizeOf(shape.slice(last))];
}

/** Sums x `[outer,reduced,inner]` over the middle into y `[outer,inner]`. */
export function sum(backend: OneDnnBackend, x: Float32Array, [outer, reduced, inner]: Extent, y: Float32Array): void {
  if (x.length < LARGE) {
    sumInLoops(x, [outer, reduced, inner], y);
    return;
  }
  backend.scratch(reduced, (values) => {
    const ones = plain(values.fill(1));
    if (inner === 1) {
      multiply(backend, [outer, reduced, 1], plain(x), ones, y);
      return;
    }
    for (let index = 0; index < outer; index++) {
      const part = x.subarray(index * reduced * inner, (index + 1) * reduced * inner);
      const to = y.subarray(index * inner, (index + 1) * inner);
      multiply(backend, [1, reduced, inner], ones, plain(part), to);
    }
  });
}

function sumInLoops(x: Float32Array, [outer, reduced, inner]: Extent, y: Float32Array): void {
  for (let before = 0; before < outer; before++) {
    for (let after = 0; after < inner; after++) {
      let total = 0;
      for (let at = before * reduced * inner + after, n = 0; n < reduced; n++, at += inner) total += x[at] as number;
      y[before * inner + after] = total;
    }
  }
}

/** `Sum` or `Mean` over axes that stand side by side. */
const reduction = (name: string, mean: boolean): OneDnnKernel =>
  kernel<{ x: tf.TensorInfo }, Attributes>(name, (backend, { x }, attributes) => {
    const axes = tf.util.parseAxisParam(attributes.axis, x.shape).sort((a, b) => a - b);
    const extent = extentOf(x.shape, axes);
    if (x.dtype !== 'float32' || !extent || sizeOf(x.shape) === 0) return fallback(name, backend, { x }, attributes);
    const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const shape = attributes.keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
    const y = backend.output(shape);
    sum(backend, backend.floats(x, name, 'x'), extent, y.values);
    if (mean) for (let at = 0; at < y.values.length; at++) y.values[at] = (y.values[at] as number) / extent[1];
    return y.info;
  });

export const reductions = [reduction(tf.Sum, false), reduction(tf.Mean, true)];
