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

export interface DatasetContext {
  /** Relative paths in options are relative to this folder (of the file that names the dataset). */
  readonly folder: string;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

export interface OpenDataset {
  /** `[height, width, channels]` of every image. */
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
  /** Per channel, of pixel values scaled to 0 … 1. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly train: ImageSet;
  readonly test: ImageSet;
  close(): Promise<void>;
}

export interface ImageSet {
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

export interface ImageBatch {
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  /** Images that cannot be read: they are left out, and named in a warning; more than 1 % of a set is an error. Default: none. */
  readonly unreadable?: readonly UnreadableImage[];
}

export interface UnreadableImage {
  /** Position in the batch; the pixels and label there mean nothing. */
  readonly position: number;
  /** What it is called: its path, say. */
  readonly image: string;
  /** What is wrong with it. */
  readonly problem: string;
}
