import type { Plugin } from '../contracts/plugin.js';
import type { Certificate } from '../reparam/certificate/difference.js';

/** How a finished run is fused, evaluated and exported again. */
export interface FinishOptions {
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  /** `key.path=value`, applied over the config of the run. */
  readonly set?: readonly string[] | undefined;
  /** Plugins that the config listed as objects, if it was no file. @default [] */
  readonly plugins?: readonly Plugin[] | undefined;
  /** Run the plugins that the run folder names. @default false: only those that your own config lists */
  readonly trustPlugins?: boolean | undefined;
  /** Formats to export, none for an empty list. @default those of the config */
  readonly formats?: readonly string[] | undefined;
  /** Folder of the exports, each in a folder of its format. @default model, in the run folder */
  readonly out?: string | undefined;
  /** Stops after the running batch of images; formats already written stay. */
  readonly signal?: AbortSignal | undefined;
}

/** Result of fusing a finished run again. */
export interface FinishedRun {
  readonly certificate: Certificate;
  /** Fraction of test images classified correctly: with all branches, and fused. */
  readonly accuracy: { readonly multiBranch: number; readonly fused: number };
  readonly argmaxAgreement: number;
  readonly testImages: number;
  /** Folders written, by format, relative to the working folder. */
  readonly exports: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly device: string;
}
