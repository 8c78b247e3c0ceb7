import * as tf from '@tensorflow/tfjs-core';

/** The geometry that convolutions and pools share, as operations that every backend has. */

/** Number of positions of a window of `size` along `length`: ⌊(length + 2·padding − size) / stride⌋ + 1. */
export const places = (length: number, size: number, stride: number, padding: number): number =>
  Math.floor((length + 2 * padding - size) / stride) + 1;

/** Adds `value` (default 0) on every side of the images. */
export const padImages = (x: tf.Tensor4D, [height, width]: readonly [number, number], value = 0): tf.Tensor4D =>
  height === 0 && width === 0
    ? x
    : tf.pad4d(
        x,
        [
          [0, 0],
          [height, height],
          [width, width],
          [0, 0],
        ],
        value,
      );

/**
 * Returns what one position of the window sees: rows `row`, `row + stride`, … and columns likewise of the padded
 * images, as many as the output has.
 */
export function tap(
  padded: tf.Tensor4D,
  [row, column]: readonly [number, number],
  [height, width]: readonly [number, number],
  stride: number,
): tf.Tensor4D {
  const [images, paddedHeight, paddedWidth, channels] = padded.shape;
  if (stride === 1) {
    if (paddedHeight === height && paddedWidth === width) return padded;
    return tf.slice4d(padded, [0, row, column, 0], [images, height, width, channels]);
  }
  const end = [images, row + (height - 1) * stride + 1, column + (width - 1) * stride + 1, channels];
  return tf.stridedSlice(padded, [0, row, column, 0], end, [1, stride, stride, 1]) as tf.Tensor4D;
}

/** Puts `apart − 1` zeros after every row and column: height·apart rows, width·apart columns. */
export function dilate(x: tf.Tensor4D, [down, right]: readonly [height: number, width: number]): tf.Tensor4D {
  if (down * right === 1) return x;
  const [images, height, width, channels] = x.shape;
  const spread = tf.pad4d(tf.reshape(x, [images * height, 1, width, channels]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, (right - 1) * channels],
  ]);
  return tf.reshape(spread, [images, height * down, width * right, channels]);
}

/**
 * Moves the images into a frame of `length` pixels, with `before` zeros ahead (or pixels cut off if negative), in both
 * directions.
 */
export function frame(
  x: tf.Tensor4D,
  before: readonly [height: number, width: number],
  length: readonly [height: number, width: number],
): tf.Tensor4D {
  const [images, height, width, channels] = x.shape;
  // A window larger than the images has positions that lie outside of them as a whole.
  const cut = [Math.min(Math.max(0, -before[0]), height), Math.min(Math.max(0, -before[1]), width)] as const;
  const lead = [Math.min(Math.max(0, before[0]), length[0]), Math.min(Math.max(0, before[1]), length[1])] as const;
  const kept = [Math.min(height - cut[0], length[0] - lead[0]), Math.min(width - cut[1], length[1] - lead[1])] as const;
  const inside = kept[0] === height && kept[1] === width;
  const body = inside ? x : tf.slice4d(x, [0, cut[0], cut[1], 0], [images, kept[0], kept[1], channels]);
  const after = [length[0] - lead[0] - kept[0], length[1] - lead[1] - kept[1]] as const;
  if (lead[0] + lead[1] + after[0] + after[1] === 0) return body;
  return tf.pad4d(body, [
    [0, 0],
    [lead[0], after[0]],
    [lead[1], after[1]],
    [0, 0],
  ]);
}
