import type { Part } from './part.js';
import type { RandomStream } from './random.js';

/** Labelled images. */
export interface Dataset<Options = unknown> extends Part<Options> {
  /**
   * Opens the data set: reads headers, checks sizes and labels. @throws Error naming the file, what was found and what
   * was expected.
   */
  open(options: Options, context: DatasetContext): Promise<OpenDataset>;
  /** Where `repnas data get` downloads it. Default: nowhere. */
  readonly archive?: DatasetArchive;
}

/** A gzipped tar that holds a data set. */
export interface DatasetArchive {
  readonly url: string;
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Folder inside the archive that holds the files. */
  readonly folder: string;
  /** Files that must be there; others in the folder are unpacked too. */
  readonly files: readonly string[];
}

/** What a data set is opened with. */
export interface DatasetContext {
  /** Folder that relative paths in options are relative to: that of the file that names the data set. */
  readonly folder: string;
  /** Reports something to the user, as a `warning` event. */
  readonly warn: (message: string) => void;
  /** Aborted when the run should stop; reading then ends with the signal's reason. */
  readonly signal: AbortSignal;
}

/** A data set that was checked and can be read. */
export interface OpenDataset {
  /** `[height, width, channels]` of every image. */
  readonly shape: readonly [number, number, number];
  /** Class names; a label is an index into this list. */
  readonly classes: readonly string[];
  /** Mean per channel of pixel values scaled to 0 … 1. */
  readonly mean: readonly number[];
  /** Standard deviation per channel, likewise. */
  readonly deviation: readonly number[];
  /** Images to train on; a validation split is taken from them. */
  readonly train: ImageSet;
  /** Images for measuring accuracy; nothing is learned from them. */
  readonly test: ImageSet;
  /** Releases files and threads. Called once, when no read is pending. */
  close(): Promise<void>;
}

/** Images of one part of a data set, read by index, 0 … size − 1. */
export interface ImageSet {
  /** Number of images. */
  readonly size: number;
  /** Label of every image, if known without reading the images; splits then keep class proportions. */
  readonly labels?: Int32Array;
  /**
   * Reads images `[n, height, width, channels]`, one byte per value, with their labels. `random` is given in training
   * only: a set whose images differ in size draws its crop from it (one stream per index). A later read may overwrite
   * the arrays once it has ended.
   */
  read(indices: Uint32Array, random?: (index: number) => RandomStream): Promise<ImageBatch> | ImageBatch;
}

/** Images that were read, in the order of the indices. */
export interface ImageBatch {
  /** `[n, height, width, channels]`, 0 … 255. */
  readonly pixels: Uint8Array;
  /** `[n]`, the class of each image. */
  readonly labels: Int32Array;
  /**
   * Images that cannot be read. They are left out and named in a warning; more than 1 % of a set is an error. Default:
   * none.
   */
  readonly unreadable?: readonly UnreadableImage[];
}

/** An image of a batch that was left out. */
export interface UnreadableImage {
  /** Position in the batch. The pixels and the label there have no meaning. */
  readonly position: number;
  /** Its name, for example its path. */
  readonly image: string;
  /** Why it cannot be read. */
  readonly problem: string;
}
