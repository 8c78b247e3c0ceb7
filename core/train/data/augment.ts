import type { RandomStream } from '../../contracts/random.js';
import type { ImageShape } from './image-operations.js';
import type { Policy } from './policies.js';

/** What happens to training images; everything is off by default. */
export interface Augmentation {
  /** Pixels of black added on each side before a crop of the image's own size is taken from a random place. @default 0 */
  readonly padCrop: number;
  /** Mirror left and right with probability one half. @default false */
  readonly flip: boolean;
  /** Side of a square, centred on a random pixel, that is set to the mean colour (DeVries and Taylor 2017). @default 0 */
  readonly cutout: number;
  /** a of the Beta(a, a) that pairs of images are mixed by (Zhang et al. 2018). @default 0 */
  readonly mixup: number;
  /** a of the Beta(a, a) that pairs of images exchange rectangles by (Yun et al. 2019); a batch takes one of the two if both are on. @default 0 */
  readonly cutmix: number;
  /** Operations that images go through before the crop. @default false */
  readonly policy: Policy | false;
}

export const NO_AUGMENTATION: Augmentation = { padCrop: 0, flip: false, cutout: 0, mixup: 0, cutmix: 0, policy: false };

/** Where to cut an image, whether to mirror it, and which rectangle of the result to blank. */
export interface Placement {
  /** Row and column of the source that come first; negative ones lie in the black border. */
  readonly top: number;
  readonly left: number;
  readonly mirrored: boolean;
  /** Rows and columns `[from, to)` of the result that become the mean colour; empty for none. */
  readonly blank: readonly [top: number, bottom: number, left: number, right: number];
}

export const AS_IT_IS: Placement = { top: 0, left: 0, mirrored: false, blank: [0, 0, 0, 0] };

/** Draws where one image is cut, mirrored and blanked. */
export function drawPlacement(
  random: RandomStream,
  [height, width]: ImageShape,
  { padCrop, flip, cutout }: Augmentation,
): Placement {
  const offset = () => (padCrop > 0 ? random.integer(2 * padCrop + 1) - padCrop : 0);
  const [top, left] = [offset(), offset()];
  const mirrored = flip && random.integer(2) === 1;
  if (cutout === 0) return { top, left, mirrored, blank: [0, 0, 0, 0] };
  const [row, column] = [random.integer(height) - (cutout >> 1), random.integer(width) - (cutout >> 1)];
  return {
    top,
    left,
    mirrored,
    blank: [Math.max(0, row), Math.min(height, row + cutout), Math.max(0, column), Math.min(width, column + cutout)],
  };
}

/**
 * Writes one image, placed and normalised, into `target` from `targetAt` on. `table` is `[channels, 256]`, what each byte
 * becomes. The hot path of the data: no allocation, one pass over the pixels.
 */
export function writeImage(
  source: Uint8Array,
  sourceAt: number,
  target: Float32Array,
  targetAt: number,
  shape: ImageShape,
  table: Float32Array,
  placement: Placement,
): void {
  const [height, width, channels] = shape;
  const { top, left, mirrored, blank } = placement;
  const from = Math.max(0, -left);
  const to = Math.min(width, width - left);
  const step = mirrored ? -channels : channels;
  for (let y = 0; y < height; y++) {
    const row = y + top;
    const rowStart = targetAt + y * width * channels;
    if (row < 0 || row >= height || from >= to) {
      blacken(target, rowStart, width, channels, table);
      continue;
    }
    // A mirrored image is mirrored after the crop: column x of the crop lands at width − 1 − x.
    const first = mirrored ? width - 1 - from : from;
    if (from > 0 || to < width) blacken(target, rowStart, width, channels, table);
    copyPixels(
      source,
      sourceAt + (row * width + from + left) * channels,
      target,
      rowStart + first * channels,
      to - from,
      channels,
      step,
      table,
    );
  }
  blankOut(target, targetAt, width, channels, blank);
}

function copyPixels(
  source: Uint8Array,
  sourceAt: number,
  target: Float32Array,
  targetAt: number,
  pixels: number,
  channels: number,
  step: number,
  table: Float32Array,
): void {
  let read = sourceAt;
  let write = targetAt;
  if (channels === 3) {
    for (let pixel = 0; pixel < pixels; pixel++, read += 3, write += step) {
      target[write] = table[source[read] as number] as number;
      target[write + 1] = table[256 + (source[read + 1] as number)] as number;
      target[write + 2] = table[512 + (source[read + 2] as number)] as number;
    }
    return;
  }
  for (let pixel = 0; pixel < pixels; pixel++, write += step) {
    for (let channel = 0; channel < channels; channel++) {
      target[write + channel] = table[(channel << 8) | (source[read++] as number)] as number;
    }
  }
}

function blacken(target: Float32Array, rowStart: number, width: number, channels: number, table: Float32Array): void {
  for (let at = rowStart, end = rowStart + width * channels; at < end; ) {
    for (let channel = 0; channel < channels; channel++) target[at++] = table[channel << 8] as number;
  }
}

/** The mean colour is zero after normalisation. */
function blankOut(
  target: Float32Array,
  targetAt: number,
  width: number,
  channels: number,
  [top, bottom, left, right]: Placement['blank'],
): void {
  for (let y = top; y < bottom; y++) {
    const row = targetAt + y * width * channels;
    target.fill(0, row + left * channels, row + right * channels);
  }
}
