import type { RandomStream } from '../../../core/contracts/index.js';

/** A rectangle of an image, in pixels. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const ATTEMPTS = 10;

/** Uniform numbers that {@link randomCrop} may need: they are drawn where the streams are, the crop where the image is. */
const DRAWS = 4 * ATTEMPTS;

export const drawCrop = (random: RandomStream): number[] => Array.from({ length: DRAWS }, () => random.uniform());

export interface CropRange {
  /** Least and greatest share of the image's area. */
  readonly scale: readonly [number, number];
  /** Least and greatest width over height. */
  readonly ratio: readonly [number, number];
}

/**
 * A random part of an image: its share of the area and the logarithm of its width over its height are uniform; where ten draws
 * do not fit, the largest part in the middle whose form is allowed (Szegedy et al. 2015, section 6; torchvision's
 * RandomResizedCrop).
 */
export function randomCrop(width: number, height: number, { scale, ratio }: CropRange, draws: readonly number[]): Crop {
  const between = (from: number, to: number, draw: number): number => from + (to - from) * draw;
  for (let at = 0; at < DRAWS; at += 4) {
    const [size, form, x, y] = draws.slice(at, at + 4) as [number, number, number, number];
    const area = width * height * between(...scale, size);
    const aspect = Math.exp(between(Math.log(ratio[0]), Math.log(ratio[1]), form));
    const [w, h] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { left: Math.floor(x * (width - w + 1)), top: Math.floor(y * (height - h + 1)), width: w, height: h };
  }
  const aspect = width / height;
  if (aspect < ratio[0]) return middle(width, height, width, Math.min(height, Math.round(width / ratio[0])));
  if (aspect > ratio[1]) return middle(width, height, Math.min(width, Math.round(height * ratio[1])), height);
  return middle(width, height, width, height);
}

/** The square in the middle that is left of an image whose shorter side becomes `resize` when `size` pixels of it are kept. */
export function middleCrop(width: number, height: number, resize: number, size: number): Crop {
  const side = Math.max(1, Math.round((Math.min(width, height) * size) / resize));
  return middle(width, height, side, side);
}

const middle = (width: number, height: number, w: number, h: number): Crop => ({
  left: Math.round((width - w) / 2),
  top: Math.round((height - h) / 2),
  width: w,
  height: h,
});
