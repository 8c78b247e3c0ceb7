// @ts-check
import { API_VERSION, defineDataset, definePlugin } from 'repnas';
import { z } from 'zod';

const CHANNELS = 3;

/** Stripes that lie or stand, computed as they are read. */
export const dataset = defineDataset({
  name: 'starting-point',
  summary: 'stripes that lie or stand',
  options: z.strictObject({
    train: z.int().positive().default(256).describe('training images'),
    test: z.int().positive().default(64).describe('test images'),
    size: z.int().min(8).max(64).default(16).describe('height and width in pixels'),
  }),

  // A data set that reads files checks them here, and says which file is wrong, what it found and what it expected.
  open: async ({ train, test, size }) => ({
    shape: [size, size, CHANNELS],
    classes: ['lying', 'standing'],
    // Of pixel values scaled to 0 … 1, for each channel.
    mean: Array(CHANNELS).fill(0.5),
    deviation: Array(CHANNELS).fill(0.35),
    train: stripes(size, 0, train),
    test: stripes(size, train, test),
    close: async () => {},
  }),
});

/**
 * @param {number} size
 * @param {number} first Number of the first image: those of the test part come after those of the training part.
 * @param {number} count
 * @returns {import('repnas').ImageSet}
 */
function stripes(size, first, count) {
  const length = size * size * CHANNELS;
  return {
    size: count,
    labels: Int32Array.from({ length: count }, (_, index) => index % 2),
    // Images one after another, one byte a value, height by width by channels.
    read: (indices) => {
      const pixels = new Uint8Array(indices.length * length);
      for (const [at, index] of indices.entries())
        draw(pixels.subarray(at * length, (at + 1) * length), size, first + index);
      return { pixels, labels: Int32Array.from(indices, (index) => index % 2) };
    },
  };
}

/**
 * @param {Uint8Array} image
 * @param {number} size
 * @param {number} number Decides width, place and direction of the stripes.
 */
function draw(image, size, number) {
  const stands = number % 2 === 1;
  const [width, shift] = [2 + (number % 5), number % 11];
  for (let at = 0; at < image.length; at++) {
    const [row, column] = [Math.floor(at / CHANNELS / size), Math.floor(at / CHANNELS) % size];
    const along = stands ? column : row;
    image[at] = Math.floor((along + shift) / width) % 2 === 0 ? 220 : 40;
  }
}

export default definePlugin({
  name: 'repnas-plugin-starting-point',
  apiVersion: API_VERSION,
  setup: (host) => host.add('dataset', dataset),
});
