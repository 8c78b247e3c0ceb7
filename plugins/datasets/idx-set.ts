import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ImageShape, memorySet } from '../../core/train/data/index.js';
import type { ImageSet } from '../../core/contracts/index.js';
import { readIdx } from './idx-file.js';

export interface IdxPart {
  readonly shape: ImageShape;
  readonly set: ImageSet;
  /** All images, `[n, height, width, channels]`. */
  readonly pixels: Uint8Array;
}

/**
 * A file of images (`[n, height, width]` or with channels) and the file of their labels.
 *
 * @throws Error naming the file when they do not belong together, or a label is not below `classes`.
 */
async function readIdxPart(images: string, labels: string, classes: number, advice: string): Promise<IdxPart> {
  const [pixels, numbers] = await Promise.all([readIdx(images, [3, 4], advice), readIdx(labels, [1], advice)]);
  const [count = 0, height = 0, width = 0, channels = 1] = pixels.dimensions;
  if (numbers.data.length !== count) {
    throw new Error(
      `${labels}: found ${numbers.data.length} labels; expected ${count}, one for each image of ${images}`,
    );
  }
  const wrong = numbers.data.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new Error(`${labels}: label ${wrong} is ${numbers.data[wrong]}; expected 0 to ${classes - 1}`);
  }
  return {
    shape: [height, width, channels],
    set: memorySet(pixels.data, Int32Array.from(numbers.data)),
    pixels: pixels.data,
  };
}

export interface IdxNames {
  readonly trainImages: string;
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

/** The names that MNIST's own files have. */
export const MNIST_NAMES: IdxNames = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

/** Training and test part of one folder, each file plain or with `.gz`. @throws Error when their images differ in size. */
export async function readIdxFolder(
  folder: string,
  names: IdxNames,
  classes: number,
  advice: string,
): Promise<{ readonly train: IdxPart; readonly test: IdxPart }> {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all(
    [names.trainImages, names.trainLabels, names.testImages, names.testLabels].map((name) => locate(folder, name)),
  );
  const train = await readIdxPart(trainImages as string, trainLabels as string, classes, advice);
  const test = await readIdxPart(testImages as string, testLabels as string, classes, advice);
  if (train.shape.join() === test.shape.join()) return { train, test };
  throw new Error(
    `${testImages}: found images of ${test.shape.join('x')}; expected ${train.shape.join('x')}, as in ${trainImages}`,
  );
}

async function locate(folder: string, name: string): Promise<string> {
  const path = resolve(folder, name);
  const exists = (candidate: string) =>
    access(candidate).then(
      () => true,
      () => false,
    );
  return !(await exists(path)) && (await exists(`${path}.gz`)) ? `${path}.gz` : path;
}
