import type { Part } from './part.js';
import type { RandomStream } from './random.js';

/** Labelled images. */
export interface Dataset<Options = unknown> extends Part<Options> {
  /** Reads headers, checks sizes and labels. @throws Error naming file, what was found and what was expected. */
  open(options: Options, context: DatasetContext): Promise<OpenDataset>;
  /** Where `repnas data get` fetches it from. Absent: nowhere. */
  readonly archive?: DatasetArchive;
}

/** A gzipped tar that holds a data set. */
export interface DatasetArchive {
  readonly url: string;
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Folder in the archive that holds the files. */
  readonly folder: string;
  /** Files that have to be there; others in the folder come along. */
  readonly files: readonly string[];
}

/** What a data set is opened with. */
export interface DatasetContext {
  /** Relative paths in options are relative to this folder (of the file that names the dataset). */
  readonly folder: string;
  /** Tells people something; becomes a `warning` event. */
  readonly warn: (message: string) => void;
  /** Aborted when the run is to stop: reading ends then, with the signal's reason. */
  readonly signal: AbortSignal;
}

/** A data set that was checked and can be read. */
export interface OpenDataset {
  /** `[height, width, channels]` of every image. */
  readonly shape: readonly [number, number, number];
  /** Names of the classes; a label is a position in this list. */
  readonly classes: readonly string[];
  /** Per channel, of pixel values scaled to 0 … 1. */
  readonly mean: readonly number[];
  /** Standard deviation, likewise. */
  readonly deviation: readonly number[];
  /** Images to train on; a validation split is taken from them. */
  readonly train: ImageSet;
  /** Images that accuracy is measured on and that nothing is learned from. */
  readonly test: ImageSet;
  /** Gives back files and threads. Called once, when nothing is being read. */
  close(): Promise<void>;
}

/** Images of one part of a data set, read by their numbers, 0 … size − 1. */
export interface ImageSet {
  /** How many images. */
  readonly size: number;
  /** The label of every image, where it is known without reading the images: splits then keep the shares of the classes. */
  readonly labels?: Int32Array;
  /**
   * Images `[n, height, width, channels]`, one byte a value, with their labels. `random` is given while training: a set whose
   * images differ in size draws its crop from it (one stream for each index). The arrays may be overwritten once a later read
   * has ended.
   */
  read(indices: Uint32Array, random?: (index: number) => RandomStream): Promise<ImageBatch> | ImageBatch;
}

/** Images that were read, in the order of the indices asked for. */
export interface ImageBatch {
  /** `[n, height, width, channels]`, 0 … 255. */
  readonly pixels: Uint8Array;
  /** `[n]`, the class of each. */
  readonly labels: Int32Array;
  /** Images that cannot be read: they are left out, and named in a warning; more than 1 % of a set is an error. Default: none. */
  readonly unreadable?: readonly UnreadableImage[];
}

/** An image of a batch that was left out. */
export interface UnreadableImage {
  /** Position in the batch; the pixels and label there mean nothing. */
  readonly position: number;
  /** What it is called: its path, say. */
  readonly image: string;
  /** What is wrong with it. */
  readonly problem: string;
}
