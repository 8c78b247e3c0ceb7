import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** An IDX file of bytes; each is the low byte of its position, modulo `below`. */
export function idxFile(dimensions: readonly number[], below = 256): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 + dimensions.length);
  for (const [axis, size] of dimensions.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  const length = dimensions.reduce((product, size) => product * size, 1);
  return Buffer.concat([header, Uint8Array.from({ length }, (_, at) => at % below)]);
}

/** The four files of a small set, by their names. */
export const IDX_FILES: Readonly<Record<string, Buffer>> = {
  'train-images-idx3-ubyte': idxFile([6, 5, 4]),
  'train-labels-idx1-ubyte': idxFile([6], 3),
  't10k-images-idx3-ubyte': idxFile([2, 5, 4]),
  't10k-labels-idx1-ubyte': idxFile([2], 3),
};

/** Writes files by their names. */
export async function writeAll(folder: string, files: Readonly<Record<string, Buffer>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
}

const TEN = [...[1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`), 'test_batch.bin'];

/** Files of the official sizes, black but for what is written into them. */
export async function blank(folder: string, files: readonly (readonly [name: string, size: number])[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, size] of files) {
    await writeFile(join(folder, name), '');
    await truncate(join(folder, name), size);
  }
}

/** All of CIFAR-10, black. */
export const blankTen = (folder: string) =>
  blank(
    folder,
    TEN.map((name) => [name, 30_730_000] as const),
  );

/** A photograph of sorts: one colour fading into another, so that a crop can be told from the whole. */
export async function photograph(
  path: string,
  [red, green, blue]: readonly number[],
  width = 40,
  height = 30,
): Promise<void> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    pixels.set([red ?? 0, Math.round(((green ?? 0) * x) / width), Math.round(((blue ?? 0) * y) / height)], 3 * at);
  }
  await mkdir(dirname(path), { recursive: true });
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toFile(path);
}

/** `count` training images a class and two test images, in ImageNet's layout. */
export async function photographs(folder: string, count: number, classes = ['cat', 'dog']): Promise<string> {
  for (const [label, name] of classes.entries()) {
    for (let index = 0; index < count; index++) {
      await photograph(join(folder, 'train', name, `${index}.JPEG`), [60 + 120 * label, 200, 10 + index]);
    }
    for (const index of [0, 1])
      await photograph(join(folder, 'val', name, `t${index}.jpg`), [60 + 120 * label, 200, 99]);
  }
  return folder;
}

/** All of CIFAR-100, black. */
export const blankHundred = (folder: string): Promise<void> =>
  blank(folder, [
    ['train.bin', 153_700_000],
    ['test.bin', 30_740_000],
  ]);
