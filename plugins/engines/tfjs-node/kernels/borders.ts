import * as tf from '@tensorflow/tfjs-core';

export type Shape = [images: number, height: number, width: number, channels: number];

type Border = [before: number, after: number];

/** What is added on both sides of every axis of images, as TensorFlow.js writes it. */
export type Borders = [Border, height: Border, width: Border, Border];

/** The same on both sides. */
export const borders = ([height, width]: readonly [height: number, width: number]): Borders => [
  [0, 0],
  [height, height],
  [width, width],
  [0, 0],
];

export const padded = (x: tf.Tensor4D, around: Borders, value = 0): tf.Tensor4D => tf.pad4d(x, around, value);

/** Images of a shape out of what is computed with borders around them. */
export function unpadded(shape: Shape, around: Borders, compute: (framed: Shape) => tf.Tensor4D): tf.Tensor4D {
  const framed = shape.map((length, axis) => length + (around[axis] as Border)[0] + (around[axis] as Border)[1]);
  return tf.slice4d(compute(framed as Shape), [0, around[1][0], around[2][0], 0], shape);
}
