import type { ConfigFile } from '../../config/define.js';
import type { FusedNetwork } from '../../contracts/exporter.js';
import type { ExportChecked } from '../../contracts/exporter.js';
import type { ImportOptions } from '../../io/import/options.js';
import type { BlocksCertificate, Certificate } from '../../reparam/certificate/difference.js';

/** A format to write, and where. */
export interface Target {
  /** Name of an exporter, and its options beside it. */
  readonly format: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** A folder for the format's files; with `single`, the file itself. */
  readonly path: string;
  /** Whether the format's one file is wanted, without a folder around it. */
  readonly single?: boolean;
}

/** What a checkpoint is converted to, and what it is checked on. Without targets it is folded and proved, and nothing is written. */
export interface ConvertOptions extends Omit<ImportOptions, 'families' | 'expected'> {
  readonly targets?: readonly Target[];
  /** Take averaged weights (EMA) where the checkpoint has both. @default true */
  readonly average?: boolean;
  /** Path of the weights within the file, keys joined by dots. @default found by their usual names */
  readonly key?: string;
  /** A safetensors file of images `x` and of what the user's own network answers to them, `y`: what is folded is held to it. */
  readonly expect?: string;
  /** Plugins whose families of blocks are looked for too: files or packages. @default [] */
  readonly plugins?: readonly string[];
  /**
   * Real images to check on, to measure accuracy on and to fit rounded formats to: a folder in ImageNet's layout, or a config (a
   * file, a preset, an object) whose `dataset` is meant. @default random ones
   */
  readonly data?: string | ConfigFile;
  /** `key.path=value`, laid over the config that `data` names. @default [] */
  readonly set?: readonly string[];
  /** Test images of `data` that accuracy is measured on, evenly spread. @default 1000 */
  readonly testImages?: number;
  /** What relative paths of `data` are relative to. @default process.cwd() */
  readonly cwd?: string;
  /** Engine that checks. @default 'auto', the fastest that answers */
  readonly engine?: string;
  /** Of the random images that everything is checked on where there are no real ones. @default 0 */
  readonly seed?: number;
  /** Told of every step. */
  progress?(message: string): void;
  /** Told of images that cannot be read. */
  warn?(message: string): void;
}

/** A format that was written, and what a program that reads it made of it. */
export interface WrittenExport {
  readonly format: string;
  readonly path: string;
  readonly bytes: number;
  readonly checked: ExportChecked;
}

/** What came of a checkpoint: the folded network, how far it is from what was trained, and the files that were written. */
export interface Conversion {
  /** Absent where the checkpoint's network is not known, and its blocks alone were folded. */
  readonly network?: FusedNetwork;
  readonly certificate: Certificate | BlocksCertificate;
  /** Of the fused network, where images with labels of as many classes were given. */
  readonly accuracy?: { readonly fused: number; readonly images: number };
  /** What was found, assumed and left out. */
  readonly notes: readonly string[];
  readonly exports: readonly WrittenExport[];
}
