import { readFile } from 'node:fs/promises';
import type { Sharp, SharpOptions } from 'sharp';
import { type Crop, type CropRange, middleCrop, randomCrop } from './crop.js';

/** Which part of an image is taken: drawn, where there are draws, in the middle otherwise. */
export type Cut =
  | ({ readonly kind: 'random'; readonly draws: readonly number[] } & CropRange)
  | { readonly kind: 'middle'; readonly resize: number };

export type SharpFactory = (input: Buffer, options: SharpOptions) => Sharp;

/** Truncated files are refused; a warning in a file's metadata is nothing to leave an image out for. */
const OPTIONS: SharpOptions = { failOn: 'error' };

/**
 * One image file as `size` x `size` pixels of three bytes, red, green and blue, written into `target`.
 *
 * @throws Error when the file cannot be read or decoded.
 */
export async function decode(
  sharp: SharpFactory,
  path: string,
  size: number,
  cut: Cut,
  target: Uint8Array,
): Promise<void> {
  const file = await readFile(path);
  // What libvips says of a broken file depends on what its other threads are doing; a run should say the same every time.
  const refuse = (error: unknown): never => {
    throw new Error('is no whole image of a kind that sharp reads', { cause: error });
  };
  const { width, height } = await sharp(file, OPTIONS).metadata().catch(refuse);
  const crop: Crop =
    cut.kind === 'random' ? randomCrop(width, height, cut, cut.draws) : middleCrop(width, height, cut.resize, size);
  const { data, info } = await sharp(file, OPTIONS)
    .extract(crop)
    // As PIL's bilinear filter: linear, over all the pixels that become one.
    .resize(size, size, { fit: 'fill', kernel: 'linear' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(refuse);
  if (info.channels !== 3 || data.length !== target.length) {
    throw new Error(
      `found ${info.width}x${info.height} pixels of ${info.channels} bytes; expected ${size}x${size} of 3`,
    );
  }
  target.set(data);
}
