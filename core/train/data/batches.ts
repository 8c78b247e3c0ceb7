import type { ImageBatch, ImageSet, UnreadableImage } from '../../contracts/dataset.js';
import type { RandomSource, RandomStream } from '../../contracts/random.js';
import { beta } from '../random/index.js';
import { AS_IT_IS, type Augmentation, drawPlacement, NO_AUGMENTATION, writeImage } from './augment.js';
import type { ImageShape } from './image-operations.js';
import { type Normalisation, normalisationTable } from './normalisation.js';
import { applyPolicy } from './policies.js';
import { cutMix, drawBox, mixRows } from './mixing.js';
import type { Unreadable } from './sets.js';

export interface BatchOptions {
  readonly set: ImageSet;
  readonly shape: ImageShape;
  readonly classes: number;
  readonly batchSize: number;
  readonly normalisation: Normalisation;
  /** In order and unchanged when false; shuffled and augmented when true. */
  readonly training: boolean;
  /** Counted over the run; with the seed it decides order and augmentation. @default 0 */
  readonly epoch?: number;
  /** Index of the first batch, for resuming within an epoch. @default 0 */
  readonly from?: number;
  readonly random: RandomSource;
  /** While training. @default NO_AUGMENTATION */
  readonly augmentation?: Augmentation;
  /** ε of label smoothing while training. @default 0 */
  readonly labelSmoothing?: number;
  /** Is told of images that cannot be read. Absent: each is an error. */
  readonly unreadable?: Unreadable | undefined;
}

/**
 * Images on their way into a network, without those that could not be read. Its arrays are overwritten after the next batch
 * was asked for.
 */
export interface Batch {
  /** Normalised, `[size, height, width, channels]`. */
  readonly images: Float32Array;
  /** Probabilities `[size, classes]`: one-hot, smoothed or mixed. */
  readonly target: Float32Array;
  /** The labels before smoothing and mixing. */
  readonly labels: Int32Array;
  readonly size: number;
  /** Position in the epoch. */
  readonly index: number;
}

/** Batches of an epoch. */
export const batchCount = (size: number, batchSize: number, training: boolean): number =>
  planBatches(size, batchSize, training).count;

/**
 * The batches of one epoch, each prepared while the one before is in use; two batches of memory in all. A batch depends on
 * (seed, epoch, index) alone: starting at `from` gives the same batches as starting at 0 and skipping.
 *
 * @throws Error when the set gives images of another size, or labels outside `0 … classes − 1`.
 */
export async function* batches(options: BatchOptions): AsyncGenerator<Batch, void, undefined> {
  const { set, shape, batchSize, training, random, epoch = 0, from = 0 } = options;
  const table = normalisationTable(options.normalisation, shape[2]);
  const plan = planBatches(set.size, batchSize, training);
  const order = training
    ? random.stream('data-order', epoch).permutation(set.size)
    : Uint32Array.from({ length: set.size }, (_, index) => index);
  const buffers = [makeBuffers(options, plan), makeBuffers(options, plan)] as const;
  const prepare = async (index: number): Promise<Prepared> => {
    const indices = order.subarray(...plan.range(index));
    const cropOf = (image: number): RandomStream => random.stream('crop', epoch, image);
    const read = await set.read(indices, training ? cropOf : undefined);
    return assemble(options, table, indices, index, read, buffers[index % 2 === 0 ? 0 : 1]);
  };
  let ahead: Promise<Prepared> | undefined = from < plan.count ? prepare(from) : undefined;
  try {
    for (let index = from; ahead; index++) {
      const { batch, leftOut }: Prepared = await ahead;
      ahead = index + 1 < plan.count ? prepare(index + 1) : undefined;
      tell(options, leftOut);
      // An error of the batch ahead is reported when that batch is asked for, not while this one is in use.
      ahead?.catch(() => undefined);
      yield batch;
    }
  } finally {
    // Nothing reads from the set any more once the iteration has ended, however it ended.
    await ahead?.catch(() => undefined);
  }
}

/** A batch, and what kept images out of it: told when it is used, so that the same run tells it at the same time. */
interface Prepared {
  readonly batch: Batch;
  readonly leftOut: readonly UnreadableImage[];
}

function tell({ unreadable }: BatchOptions, leftOut: readonly UnreadableImage[]): void {
  for (const one of leftOut) {
    if (!unreadable) throw new Error(`an image cannot be read: ${one.image}: ${one.problem}`);
    unreadable.add(one);
  }
}

interface Buffers {
  readonly images: Float32Array;
  readonly target: Float32Array;
}

function makeBuffers({ shape: [height, width, channels], classes }: BatchOptions, { largest }: BatchPlan): Buffers {
  return {
    images: new Float32Array(largest * height * width * channels),
    target: new Float32Array(largest * classes),
  };
}

function assemble(
  options: BatchOptions,
  table: Float32Array,
  indices: Uint32Array,
  index: number,
  read: ImageBatch,
  buffers: Buffers,
): Prepared {
  const { shape, classes, training, random, epoch = 0, augmentation = NO_AUGMENTATION, labelSmoothing = 0 } = options;
  const imageSize = shape[0] * shape[1] * shape[2];
  const missing = new Set(read.unreadable?.map(({ position }) => position));
  check(read, missing, indices.length, shape, classes);
  const present = [...indices.keys()].filter((position) => !missing.has(position));
  const size = present.length;
  const labels = Int32Array.from(present, (position) => read.labels[position] as number);
  const images = buffers.images.subarray(0, size * imageSize);
  const target = buffers.target.subarray(0, size * classes);
  for (const [i, position] of present.entries()) {
    const placement = training
      ? drawPlacement(random.stream('augment', epoch, indices[position] as number), shape, augmentation)
      : AS_IT_IS;
    if (!training || !augmentation.policy) {
      writeImage(read.pixels, position * imageSize, images, i * imageSize, shape, table, placement);
      continue;
    }
    // The data set's own bytes may be those of every epoch.
    const own = read.pixels.slice(position * imageSize, (position + 1) * imageSize);
    applyPolicy(augmentation.policy, own, shape, random.stream('policy', epoch, indices[position] as number));
    writeImage(own, 0, images, i * imageSize, shape, table, placement);
  }
  writeTargets(target, labels, classes, training ? labelSmoothing : 0);
  if (training) mix(options, { images, target, size, index });
  return { batch: { images, target, labels, size, index }, leftOut: read.unreadable ?? [] };
}

/** Mixes pairs of a batch's images: all of both, or rectangles of them; if a config asks for both, a batch takes one or the other. */
function mix(
  { shape, random, epoch = 0, augmentation: { mixup, cutmix } = NO_AUGMENTATION }: BatchOptions,
  { images, target, size, index }: Pick<Batch, 'images' | 'target' | 'size' | 'index'>,
): void {
  const cuts = cutmix > 0 && (mixup === 0 || random.stream('mix', epoch, index).integer(2) === 1);
  if (cuts) {
    const stream = random.stream('cutmix', epoch, index);
    const box = drawBox(stream, shape, beta(stream, cutmix, cutmix));
    cutMix(images, size, shape, box);
    mixRows(target, size, 1 - (box.height * box.width) / (shape[0] * shape[1]));
  } else if (mixup > 0) {
    const lambda = beta(random.stream('mixup', epoch, index), mixup, mixup);
    mixRows(images, size, lambda);
    mixRows(target, size, lambda);
  }
}

/** A dataset may be anybody's: what it gives is checked before it is used. */
function check(
  { pixels, labels, unreadable = [] }: ImageBatch,
  missing: ReadonlySet<number>,
  size: number,
  shape: ImageShape,
  classes: number,
): void {
  const expected = size * shape[0] * shape[1] * shape[2];
  if (pixels.length !== expected || labels.length !== size) {
    throw new Error(
      `the dataset gave ${pixels.length} pixel values and ${labels.length} labels for ${size} images of ${shape.join('x')}; expected ${expected} and ${size}`,
    );
  }
  if (missing.size === size)
    throw new Error(`not one image of a batch can be read: ${unreadable[0]?.image}: ${unreadable[0]?.problem}`);
  const wrong = labels.find((label, position) => !missing.has(position) && !(label >= 0 && label < classes));
  if (wrong !== undefined) throw new Error(`the dataset gave the label ${wrong}; expected 0 to ${classes - 1}`);
}

/**
 * How an epoch is cut into batches: the last one is short where the sizes do not divide. While training, a last batch of one
 * image joins the one before it, since a batch-norm has nothing to normalise by in a single image of 1x1 pixels.
 */
export interface BatchPlan {
  readonly count: number;
  /** Positions `[start, end)` in the epoch's order. */
  range(index: number): readonly [start: number, end: number];
  /** Images of the largest batch. */
  readonly largest: number;
}

/** @throws Error when the batch size is not a positive integer, or the set is empty. */
export function planBatches(size: number, batchSize: number, training: boolean): BatchPlan {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new Error(`the batch size is ${batchSize}; expected a positive integer`);
  }
  if (size < 1) throw new Error('the set has no images; expected at least one');
  const full = Math.ceil(size / batchSize);
  const joins = training && full > 1 && batchSize > 1 && size % batchSize === 1;
  const count = joins ? full - 1 : full;
  return {
    count,
    range: (index) => [index * batchSize, index === count - 1 ? size : (index + 1) * batchSize],
    largest: Math.min(size, joins ? batchSize + 1 : batchSize),
  };
}

/** Writes one-hot rows `[size, classes]`, smoothed: 1 − ε + ε/K for the label and ε/K elsewhere (Szegedy et al. 2016). */
export function writeTargets(target: Float32Array, labels: Int32Array, classes: number, smoothing: number): void {
  target.fill(smoothing / classes);
  for (let row = 0; row < labels.length; row++) {
    target[row * classes + (labels[row] as number)] = 1 - smoothing + smoothing / classes;
  }
}
