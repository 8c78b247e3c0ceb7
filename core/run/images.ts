import type { ResolvedConfig } from '../config/schema.js';
import type { ImageSet, OpenDataset } from '../contracts/dataset.js';
import type { RandomSource } from '../contracts/random.js';
import { type Batch, batches, splitSet, subset, Unreadable } from '../train/data/index.js';

/** Number of batches that update the batch-norms of a sub-network. */
const CALIBRATION_BATCHES = 8;

/** The images of a run, split and ready for a network. */
export interface Images {
  /** Number of training images: all but the validation split. */
  readonly trainingSize: number;
  training(epoch: number, from: number): AsyncIterable<Batch>;
  test(): AsyncIterable<Batch>;
  /** Yields the validation split, for searches. @throws Error if the config leaves it empty. */
  validation(): AsyncIterable<Batch>;
  /** Yields the same few training batches at every call. */
  calibration(): AsyncIterable<Batch>;
  /** Yields the first test images, for the certificate. */
  certificate(count: number): AsyncIterable<Batch>;
  /** Describes how many images of each set could not be read so far; empty if all could. */
  leftOut(): string[];
  /** Names of these images by set. Part of a checkpoint, so that a resumed run reports each once. */
  saveLeftOut(): LeftOut;
  restoreLeftOut(saved: LeftOut): void;
}

export type LeftOut = Readonly<Record<string, readonly string[]>>;

/** Returns the mean and standard deviation that normalise a network's input; 0 and 1 if the config turns it off. */
export const normalisationOf = (normalise: boolean, { mean, deviation }: OpenDataset) =>
  normalise ? { mean, deviation } : { mean: mean.map(() => 0), deviation: deviation.map(() => 1) };

export function imagesOf(
  config: ResolvedConfig,
  dataset: OpenDataset,
  random: RandomSource,
  warn: (message: string) => void,
): Images {
  const { augment, train, validation } = config;
  const split = validation.fraction > 0 ? splitSet(dataset.train, validation.fraction, random) : undefined;
  const kept = split?.train ?? dataset.train;
  const common = {
    shape: dataset.shape,
    classes: dataset.classes.length,
    batchSize: train.batchSize,
    normalisation: normalisationOf(augment.normalise, dataset),
    random,
  };
  const unreadable = {
    training: new Unreadable('training', dataset.train.size, warn),
    test: new Unreadable('test', dataset.test.size, warn),
  };
  const still = (set: ImageSet, of: keyof typeof unreadable) =>
    batches({ ...common, set, training: false, unreadable: unreadable[of] });
  const training = (epoch: number, from: number) =>
    batches({
      ...common,
      set: kept,
      training: true,
      epoch,
      from,
      unreadable: unreadable.training,
      augmentation: augment,
      labelSmoothing: train.labelSmoothing,
    });
  return {
    trainingSize: kept.size,
    training,
    test: () => still(dataset.test, 'test'),
    validation: () => {
      if (!split) {
        throw new Error(
          'the strategy measures itself on a validation split, but validation.fraction is 0; set it to 0.1, say',
        );
      }
      return still(split.validation, 'training');
    },
    calibration: () => take(training(0, 0), CALIBRATION_BATCHES),
    certificate: (count) => still(subset(dataset.test, firstIndices(Math.min(count, dataset.test.size))), 'test'),
    leftOut: () => Object.values(unreadable).flatMap(({ summary = [] }) => summary),
    saveLeftOut: () => Object.fromEntries(Object.entries(unreadable).map(([name, set]) => [name, set.save()])),
    restoreLeftOut: (saved) => {
      for (const [name, set] of Object.entries(unreadable)) set.restore(saved[name] ?? []);
    },
  };
}

const firstIndices = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, index) => index);

async function* take<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let taken = 0;
  for await (const item of source) {
    yield item;
    if (++taken === count) return;
  }
}
