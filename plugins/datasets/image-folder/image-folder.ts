import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defineDataset, type ImageSet } from '../../../core/contracts/index.js';
import { pickLabels } from '../../../core/train/data/index.js';
import { datasetFolder } from '../folders.js';
import { inside, path } from '../options.js';
import { STATISTICS } from '../statistics.js';
import { BatchBuffers } from './batch-buffers.js';
import { drawCrop } from './crop.js';
import type { Cut } from './decode.js';
import { DecoderPool } from './decoder-pool.js';
import { foldersIn, type Listing, listImages } from './listing.js';
import { findSharp } from './sharp.js';

const ADVICE =
  'dataset.path names a folder of a training and a test folder, each with one folder of images a class, as ImageNet has them';

const most = z.int().positive().optional().describe('use only the first images of each class');
const three = z.tuple([z.number(), z.number(), z.number()]);
const range = (from: number, to: number) =>
  z
    .tuple([z.number().positive(), z.number().positive()])
    .default([from, to])
    .refine(([least, greatest]) => least <= greatest, { error: 'the first at most the second' });

// Sizes, shares and forms: torchvision's recipe for ImageNet (references/classification), after Szegedy et al. 2015.
const options = z
  .strictObject({
    path,
    train: inside.default('train').describe('folder of the training images, within path'),
    test: inside.default('val').describe('folder of the test images, within path'),
    size: z.int().min(1).max(2048).default(224).describe('height and width of an image as the network gets it'),
    resize: z
      .int()
      .min(1)
      .max(4096)
      .default(256)
      .describe('shorter side of a test image, of whose middle size x size are taken'),
    scale: range(0.08, 1).describe('share of the area of a training image that its random part has'),
    ratio: range(3 / 4, 4 / 3).describe('width over height of that part'),
    perClass: z.strictObject({ train: most, test: most }).default({}),
    mean: three
      .default([...STATISTICS.imagenet.mean] as [number, number, number])
      .describe("per channel, of values from 0 to 1; ImageNet's own by default"),
    deviation: three.default([...STATISTICS.imagenet.deviation] as [number, number, number]).describe('as mean'),
    workers: z.int().min(1).max(64).optional().describe('threads that decode; default: one a core'),
  })
  .superRefine(({ size, resize }, problems) => {
    if (resize >= size) return;
    problems.addIssue({ code: 'custom', path: ['resize'], message: `at least size, ${size}` });
  });

type Options = z.output<typeof options>;

/**
 * Folders of images in ImageNet's layout, decoded by sharp in threads of their own while the network trains. Memory does not
 * grow with the folder but for the files' names: a batch in use, and one ahead. A training image is a random part of the file, a
 * test image its middle; mirroring is `augment.flip`.
 */
export const imageFolder = defineDataset({
  name: 'image-folder',
  summary: "folders of images, one a class, in ImageNet's layout (needs the npm package sharp)",
  options,
  open: async (chosen, context) => {
    const folder = await datasetFolder(context.folder, chosen.path, ADVICE);
    const sharp = findSharp(context.folder);
    const trainFolder = join(folder, chosen.train);
    const classes = await foldersIn(trainFolder, ADVICE);
    if (classes.length < 2) {
      throw new Error(`${trainFolder}: found ${classes.length} folders; expected one a class, at least two; ${ADVICE}`);
    }
    // One after the other, so that of two faults it is always the same that is told.
    const train = await listImages(trainFolder, classes, chosen.perClass.train ?? Infinity, ADVICE);
    const test = await listImages(join(folder, chosen.test), classes, chosen.perClass.test ?? Infinity, ADVICE);
    const pool = new DecoderPool(chosen.workers ?? availableParallelism(), sharp);
    return {
      shape: [chosen.size, chosen.size, 3],
      classes,
      mean: chosen.mean,
      deviation: chosen.deviation,
      train: decodedSet(train, chosen, pool),
      test: decodedSet(test, chosen, pool),
      close: () => pool.close(),
    };
  },
});

function decodedSet(listing: Listing, { size, resize, scale, ratio }: Options, pool: DecoderPool): ImageSet {
  const buffers = new BatchBuffers();
  return {
    size: listing.size,
    labels: listing.labels,
    read: async (indices, random) => {
      // Shared memory: the threads write every image where it belongs, and nothing is copied between them.
      const bytes = indices.length * size * size * 3;
      const batch = buffers.take(bytes);
      const replies = await Promise.all(
        Array.from(indices, (index, position) => {
          const cut: Cut = random
            ? { kind: 'random', scale, ratio, draws: drawCrop(random(index)) }
            : { kind: 'middle', resize };
          return pool.decode({ path: listing.path(index), size, cut, batch, position });
        }),
      );
      const unreadable = replies.flatMap(({ problem }, position) =>
        problem ? [{ position, image: listing.path(indices[position] as number), problem }] : [],
      );
      buffers.give(batch);
      return { pixels: new Uint8Array(batch, 0, bytes), labels: pickLabels(listing.labels, indices), unreadable };
    },
  };
}
