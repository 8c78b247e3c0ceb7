import type { RandomStream } from '../../contracts/random.js';
import type { ImageShape } from './image-operations.js';

// Mixup and CutMix: pairs of a batch's images become two mixtures, in place. The partner of an image is its mirror in the batch.

/**
 * Mixup in place: row i becomes λ · row i + (1 − λ) · row n−1−i. The order of a batch is random already, so its mirror
 * image is as good a random partner as any, and no second batch of memory is needed.
 */
export function mixRows(rows: Float32Array, count: number, lambda: number): void {
  const length = rows.length / count;
  for (let i = 0, j = count - 1; i < j; i++, j--) {
    for (let a = i * length, b = j * length, end = a + length; a < end; a++, b++) {
      const first = rows[a] as number;
      const second = rows[b] as number;
      rows[a] = lambda * first + (1 - lambda) * second;
      rows[b] = lambda * second + (1 - lambda) * first;
    }
  }
}

/** A rectangle of an image. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Draws the rectangle that an image gets from its partner: a part 1 − λ of the image about a random pixel, cut off at the border (Yun et al. 2019, section 3.2). */
export function drawBox(random: RandomStream, [height, width]: ImageShape, lambda: number): Box {
  const part = Math.sqrt(1 - lambda);
  const [half, across] = [Math.trunc(height * part) >> 1, Math.trunc(width * part) >> 1];
  const [row, column] = [random.integer(height), random.integer(width)];
  const [top, left] = [Math.max(0, row - half), Math.max(0, column - across)];
  return { top, left, height: Math.min(height, row + half) - top, width: Math.min(width, column + across) - left };
}

/** CutMix in place: image i and image n−1−i exchange a rectangle. */
export function cutMix(images: Float32Array, count: number, [height, width, channels]: ImageShape, box: Box): void {
  const size = height * width * channels;
  const length = box.width * channels;
  for (let i = 0, j = count - 1; i < j; i++, j--) {
    for (let y = box.top; y < box.top + box.height; y++) {
      const at = (y * width + box.left) * channels;
      const kept = images.slice(i * size + at, i * size + at + length);
      images.copyWithin(i * size + at, j * size + at, j * size + at + length);
      images.set(kept, j * size + at);
    }
  }
}
