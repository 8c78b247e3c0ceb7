import type { Convolution } from './convolution-shape.js';
import type { ImagePart, Reach } from './image-parts.js';

// An image held against itself at distances δ: A_δ[i,j] = Σ x_i(p + δ)·x_j(p). A_(−δ) is the transpose of A_δ.

/** Distances up to a reach. */
export const distances = ([rows, columns]: Reach): number => (2 * rows + 1) * (2 * columns + 1);

const windowed = (
  { shape }: ImagePart,
  [height, width]: readonly [number, number],
  before: Reach,
  after: Reach,
): Convolution => ({
  input: shape,
  kernel: [height, width, shape[3], shape[3]],
  groups: 1,
  window: { size: [height, width], stride: [1, 1], dilation: [1, 1], before, after },
});

/**
 * The convolution whose kernel gradient, of the images against themselves, is A_δ for δ to the right only. What lies below as well
 * would do, but oneDNN computes a kernel that reaches far to the left of its first pixel with a slower loop.
 */
export const halfWindow = (part: ImagePart): Convolution => {
  const [rows, columns] = part.reach;
  return windowed(part, [2 * rows + 1, columns + 1], [rows, 0], part.reach);
};

export const fullWindow = (part: ImagePart): Convolution => {
  const [rows, columns] = part.reach;
  return windowed(part, [2 * rows + 1, 2 * columns + 1], part.reach, part.reach);
};

/** Writes A_δ for all δ, in row order, from those to the right. */
export function unfold(half: Float32Array, { shape, reach }: ImagePart, to: Float32Array): void {
  const [rows, columns] = reach;
  const channels = shape[3];
  const area = channels ** 2;
  for (let down = -rows, target = 0; down <= rows; down++) {
    for (let right = -columns; right <= columns; right++, target += area) {
      const side = right < 0 ? -1 : 1;
      const source = ((rows + side * down) * (columns + 1) + side * right) * area;
      if (right >= 0) {
        to.set(half.subarray(source, source + area), target);
        continue;
      }
      for (let i = 0, at = target; i < channels; i++) {
        for (let j = 0; j < channels; j++, at++) to[at] = half[source + j * channels + i] as number;
      }
    }
  }
}
