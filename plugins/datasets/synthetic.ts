import { z } from 'zod';
import { defineDataset, type ImageSet, type RandomSource, type RandomStream } from '../../core/contracts/index.js';
import { measureNormalisation, memorySet } from '../../core/train/data/index.js';
import { createRandomSource } from '../../core/train/random/index.js';

const WAVES = 3;
const LARGEST = 2 ** 30;

const side = z.int().min(1).max(1024);

const options = z
  .strictObject({
    train: z.int().positive().default(512).describe('training images'),
    test: z.int().positive().default(256).describe('test images'),
    classes: z.int().min(2).max(1000).default(10).describe('patterns to tell apart'),
    shape: z
      .tuple([side, side, z.int().min(1).max(16)])
      .default([32, 32, 3])
      .describe('height, width, channels'),
    noise: z
      .number()
      .min(0)
      .max(10)
      .default(0.15)
      .describe('deviation of the noise, where the pattern runs from -0.25 to 0.25'),
    seed: z.int().default(0).describe('of patterns and noise'),
  })
  .refine(({ train, test, shape }) => (train + test) * shape[0] * shape[1] * shape[2] <= LARGEST, {
    error: 'the images take more than 1 GiB; expected fewer or smaller ones',
  });

/** Each class has a pattern of a few waves in each channel; an image is its class's pattern, moved by a few pixels, in noise. */
export const synthetic = defineDataset({
  name: 'synthetic',
  summary: 'seeded patterns in noise, of any size, for tests and benchmarks',
  options,
  open: async ({ train, test, classes, shape, noise, seed }) => {
    const random = createRandomSource(seed);
    const patterns = Array.from({ length: classes }, (_, label) =>
      drawPattern(random.stream('pattern', label), shape[2]),
    );
    const draw = (part: string, size: number) => drawSet(random, part, size, patterns, shape, noise);
    const trainPart = draw('train', train);
    return {
      shape,
      classes: patterns.map((_, label) => `pattern ${label}`),
      ...measureNormalisation(trainPart.pixels, shape[2]),
      train: trainPart.set,
      test: draw('test', test).set,
      close: async () => {},
    };
  },
});

/** Waves of one channel: cycles down and across the image, and where they start. */
type Pattern = readonly (readonly { down: number; across: number; phase: number }[])[];

const drawPattern = (random: RandomStream, channels: number): Pattern =>
  Array.from({ length: channels }, () =>
    Array.from({ length: WAVES }, () => ({
      down: random.integer(9) - 4,
      across: random.integer(9) - 4,
      phase: 2 * Math.PI * random.uniform(),
    })),
  );

function drawSet(
  random: RandomSource,
  part: string,
  size: number,
  patterns: readonly Pattern[],
  shape: readonly [number, number, number],
  noise: number,
): { readonly pixels: Uint8Array; readonly set: ImageSet } {
  const imageSize = shape[0] * shape[1] * shape[2];
  // A Uint8ClampedArray rounds, and keeps what the noise carries too far in range.
  const pixels = new Uint8ClampedArray(size * imageSize);
  const labels = Int32Array.from({ length: size }, (_, index) => index % patterns.length);
  for (const [index, label] of labels.entries()) {
    const image = pixels.subarray(index * imageSize, (index + 1) * imageSize);
    drawImage(image, patterns[label] as Pattern, shape, noise, random.stream(part, index));
  }
  const bytes = new Uint8Array(pixels.buffer);
  return { pixels: bytes, set: memorySet(bytes, labels) };
}

function drawImage(
  image: Uint8ClampedArray,
  pattern: Pattern,
  [height, width, channels]: readonly [number, number, number],
  noise: number,
  random: RandomStream,
): void {
  const [moveDown, moveAcross] = [random.integer(5) - 2, random.integer(5) - 2];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++, at++) {
        let value = 0.5 + noise * random.normal();
        for (const { down, across, phase } of pattern[channel] ?? []) {
          const turns = (down * (y + moveDown)) / height + (across * (x + moveAcross)) / width;
          value += (0.25 / WAVES) * Math.sin(2 * Math.PI * turns + phase);
        }
        image[at] = 255 * value;
      }
    }
  }
}
