import * as tf from '@tensorflow/tfjs-core';
import { heapKernel, view } from './heap.js';

/**
 * TensorFlow.js' own form moves value by value; what lies behind the last reversed axis stays together and is copied at once. The
 * gradient of a convolution's images rotates the kernel in every step.
 */
export const reverse = heapKernel<{ readonly x: tf.TensorInfo }, { readonly dims: number | number[] }>(
  tf.Reverse,
  (backend, { x }, { dims }) => {
    const axes = tf.util.parseAxisParam(dims, x.shape);
    const y = backend.makeOutput(x.shape, x.dtype);
    const [from, to] = [view(backend, x), view(backend, y)];
    const last = Math.max(-1, ...axes);
    const run = tf.util.sizeFromShape(x.shape.slice(last + 1));
    const outer = x.shape.slice(0, last + 1);
    const index = outer.map(() => 0);
    for (let at = 0; at < to.length; at += run) {
      let place = 0;
      for (const [axis, length] of outer.entries()) {
        const own = index[axis] as number;
        place = place * length + (axes.includes(axis) ? length - 1 - own : own);
      }
      to.set(from.subarray(place * run, (place + 1) * run), at);
      for (let axis = outer.length - 1; axis >= 0; axis--) {
        index[axis] = (index[axis] as number) + 1;
        if ((index[axis] as number) < (outer[axis] as number)) break;
        index[axis] = 0;
      }
    }
    return y;
  },
);
