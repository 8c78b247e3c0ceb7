import { z } from 'zod';
import type { Backbone } from '../../contracts/backbone.js';
import type { ImageSet, OpenDataset } from '../../contracts/dataset.js';
import type { Chosen } from '../../contracts/part.js';
import { memorySet } from '../../train/data/index.js';
import type { BlockSize } from './report.js';

const CLASSES = 10;
const IMAGES = 64;

/** One block, then a mean over the image and a dense layer: as little else as a training step can have. */
export const oneBlock = ({ kernelSize }: BlockSize): Chosen<Backbone> => ({
  definition: {
    name: 'one-block',
    summary: 'one block of stride 1',
    options: z.unknown(),
    build: (input, classes) => ({
      input,
      classes,
      nodes: [
        {
          kind: 'block',
          name: 'block',
          input: 'input',
          inChannels: input[2],
          outChannels: input[2],
          kernelSize,
          stride: 1,
          groups: 1,
          activation: 'relu',
          searchable: true,
        },
        { kind: 'global-average-pool', name: 'pool', input: 'block' },
        { kind: 'dense', name: 'dense', input: 'pool', inputs: input[2], outputs: classes, activation: 'none' },
      ],
    }),
  },
  options: {},
});

/** Images for it, of no meaning. */
export function blockImages({ channels, size }: BlockSize): OpenDataset {
  const pixels = Uint8Array.from({ length: IMAGES * size * size * channels }, (_, at) => (at * 2654435761) >>> 24);
  const set = memorySet(
    pixels,
    Int32Array.from({ length: IMAGES }, (_, at) => at % CLASSES),
  );
  return {
    shape: [size, size, channels],
    classes: Array.from({ length: CLASSES }, (_, label) => String(label)),
    mean: new Array<number>(channels).fill(0.5),
    deviation: new Array<number>(channels).fill(0.25),
    train: set,
    test: set,
    close: async () => undefined,
  };
}

/** The same images over and over, so that an epoch is longer than any measurement. */
export function endless(dataset: OpenDataset): OpenDataset {
  const { train } = dataset;
  const read: ImageSet['read'] = (indices, random) =>
    train.read(
      indices.map((index) => index % train.size),
      random,
    );
  return { ...dataset, train: { size: 2 ** 20, read } };
}
