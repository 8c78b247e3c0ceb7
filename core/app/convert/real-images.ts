import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigFile } from '../../config/define.js';
import { type LoadedConfig, loadConfig } from '../../config/load.js';
import type { ImageSet, OpenDataset } from '../../contracts/dataset.js';
import type { RandomSource } from '../../contracts/random.js';
import { type Batch, batches, type Normalisation, subset, Unreadable } from '../../train/data/index.js';
import type { ComparedImages } from '../../io/import/index.js';
import { prepare, RefusedError } from '../../run/errors.js';
import type { ConvertOptions } from './conversion.js';

const BATCH = 16;

/** Images of a data set, as a network wants them. */
export interface RealImages {
  readonly classes: readonly string[];
  /** Height, width and channels. */
  readonly shape: OpenDataset['shape'];
  /** The parts that its config knows. */
  readonly registry: LoadedConfig['registry'];
  /** Some images of a set, evenly spread over it: sets are often in the order of their classes. */
  some(of: 'train' | 'test', count: number, normalisation: Normalisation): AsyncGenerator<Batch>;
  close(): Promise<void>;
}

/**
 * Opens the images that a folder in ImageNet's layout or a config names.
 *
 * @param size of the images that the network is for; those of a config have a size of their own
 * @throws ConfigError, RefusedError when there are none
 */
export async function openImages(
  data: string | ConfigFile,
  { cwd = process.cwd(), set = [], warn = () => {} }: Pick<ConvertOptions, 'cwd' | 'set' | 'warn'>,
  [height, width]: readonly [number, number],
  random: RandomSource,
): Promise<RealImages> {
  const source = sourceOf(data, cwd, height, width);
  // A config that says nothing but which images has no backbone, and none is built here.
  const { parts, folder, registry } = await loadConfig({ extends: source, backbone: 'repvgg' }, { cwd, set });
  const { definition, options } = parts.dataset;
  const signal = new AbortController().signal;
  const dataset = await prepare(() => definition.open(options, { folder, warn, signal }));
  const unreadable = {
    train: new Unreadable('training', dataset.train.size, warn),
    test: new Unreadable('test', dataset.test.size, warn),
  };
  const { shape, classes } = dataset;
  return {
    classes,
    shape,
    registry,
    some: (of, count, normalisation) =>
      batches({
        shape,
        classes: classes.length,
        batchSize: BATCH,
        normalisation,
        random,
        set: spread(dataset[of], count),
        training: false,
        unreadable: unreadable[of],
      }),
    close: () => dataset.close(),
  };
}

/** A folder of images as a config; a file by its whole path, since a bare name would stand for a package. */
function sourceOf(data: string | ConfigFile, cwd: string, height: number, width: number): string | ConfigFile {
  if (typeof data !== 'string') return data;
  const path = resolve(cwd, data);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return folderConfig(path, height, width);
  return found ? path : data;
}

/** Of the middle of an image seven eighths are taken, as of ImageNet's 256 pixels 224. */
function folderConfig(path: string, height: number, width: number): ConfigFile {
  if (height !== width)
    throw new RefusedError(
      `the images of folder ${path} are cut to squares, and the network is for ${height} x ${width}; expected a config that names a dataset of that size`,
    );
  return { dataset: { name: 'image-folder', path, size: height, resize: Math.round((height * 8) / 7) } };
}

function spread(set: ImageSet, count: number): ImageSet {
  const length = Math.min(count, set.size);
  return subset(
    set,
    Uint32Array.from({ length }, (_, at) => Math.floor((at * set.size) / length)),
  );
}

/** Images of a size that a network reads, all at once, for a certificate. @throws RefusedError when they are of another size. */
export async function comparedImages(
  images: RealImages,
  count: number,
  [height, width, channels]: readonly [number, number, number],
  normalisation: Normalisation,
): Promise<ComparedImages> {
  const found = images.shape.join(' x ');
  if (images.shape.join() !== [height, width, channels].join())
    throw new RefusedError(
      `the images given are ${found}, and the network is for ${height} x ${width} x ${channels}; expected images of one size (--size, or the dataset's own)`,
    );
  const pieces: Float32Array[] = [];
  let read = 0;
  for await (const { images: values, size } of images.some('test', count, normalisation)) {
    pieces.push(values.slice());
    read += size;
  }
  const values = new Float32Array(read * height * width * channels);
  let at = 0;
  for (const piece of pieces) {
    values.set(piece, at);
    at += piece.length;
  }
  return { values, count: read, height, width, random: false };
}
