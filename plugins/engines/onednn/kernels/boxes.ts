import * as tf from '@tensorflow/tfjs-core';
import { rowStrides } from '../descriptions.js';
import { sizeOf } from './geometry.js';
import { fallback, kernel } from './register.js';

/** Where a box lies in a tensor: its first corner. */
interface Corner {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  readonly begin: readonly number[];
}

/** Copies a box of `size` from one tensor into another, in runs as long as both have them. */
function copyBox(from: Corner, to: Corner, size: readonly number[]): void {
  if (sizeOf(size) === 0) return;
  let axis = size.length - 1;
  let run = 1;
  // An axis that the box fills in both tensors makes one run with the axis before it.
  for (; axis >= 0; axis--) {
    run *= size[axis] as number;
    if (size[axis] !== from.shape[axis] || size[axis] !== to.shape[axis]) break;
  }
  const outer = size.slice(0, Math.max(0, axis));
  const [strides, targets] = [rowStrides(from.shape), rowStrides(to.shape)];
  const at = (begin: readonly number[], steps: readonly number[]): number =>
    begin.reduce((sum, value, index) => sum + value * (steps[index] as number), 0);
  let [source, target] = [at(from.begin, strides), at(to.begin, targets)];
  const index = outer.map(() => 0);
  for (let count = sizeOf(outer); count > 0; count--) {
    to.values.set(from.values.subarray(source, source + run), target);
    for (let place = outer.length - 1; place >= 0; place--) {
      const [step, jump] = [strides[place] as number, targets[place] as number];
      index[place] = (index[place] as number) + 1;
      source += step;
      target += jump;
      const length = outer[place] as number;
      if ((index[place] as number) < length) break;
      index[place] = 0;
      source -= length * step;
      target -= length * jump;
    }
  }
}

const pad = kernel<
  { x: tf.TensorInfo },
  { readonly paddings: readonly (readonly [number, number])[]; readonly constantValue: number }
>(tf.PadV2, (backend, { x }, attributes) => {
  if (x.dtype !== 'float32') return fallback(tf.PadV2, backend, { x }, attributes);
  const { paddings, constantValue } = attributes;
  const y = backend.output(
    x.shape.map((length, axis) => length + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0)),
  );
  y.values.fill(constantValue);
  copyBox(
    { values: backend.floats(x, tf.PadV2, 'x'), shape: x.shape, begin: x.shape.map(() => 0) },
    { values: y.values, shape: y.info.shape, begin: paddings.map(([before]) => before) },
    x.shape,
  );
  return y.info;
});

const slice = kernel<{ x: tf.TensorInfo }, { readonly begin: number | number[]; readonly size: number | number[] }>(
  tf.Slice,
  (backend, { x }, attributes) => {
    if (x.dtype !== 'float32') return fallback(tf.Slice, backend, { x }, attributes);
    const [begin, size] = tf.slice_util.parseSliceParams(x, attributes.begin, attributes.size) as [number[], number[]];
    tf.slice_util.assertParamsValid(x, begin, size);
    const y = backend.output(size);
    copyBox(
      { values: backend.floats(x, tf.Slice, 'x'), shape: x.shape, begin },
      { values: y.values, shape: size, begin: size.map(() => 0) },
      size,
    );
    return y.info;
  },
);

const tile = kernel<{ x: tf.TensorInfo }, { readonly reps: readonly number[] }>(
  tf.Tile,
  (backend, { x }, attributes) => {
    const { reps } = attributes;
    // One repeated axis, with everything before it once: the values follow themselves.
    const axis = reps.findIndex((count) => count > 1);
    const once =
      axis < 0 || (sizeOf(x.shape.slice(0, axis)) === 1 && reps.slice(axis + 1).every((count) => count === 1));
    if (x.dtype !== 'float32' || !once || reps.includes(0)) return fallback(tf.Tile, backend, { x }, attributes);
    const values = backend.floats(x, tf.Tile, 'x');
    const y = backend.output(x.shape.map((length, at) => length * (reps[at] ?? 1)));
    for (let at = 0; at < y.values.length; at += values.length) y.values.set(values, at);
    return y.info;
  },
);

export const boxes = [pad, slice, tile];
