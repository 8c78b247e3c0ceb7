/** Options and results of a run. Types only, without code that computes: the package's entry imports this file. */
import type { Plugin } from '../contracts/plugin.js';
import type { Architecture } from '../contracts/search-space.js';
import type { ExportChecked } from '../contracts/exporter.js';
import type { Certificate } from '../reparam/certificate/difference.js';

/** How to run, besides what the config says. */
export interface RunOptions {
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  /** `key.path=value`, applied over the config. */
  readonly set?: readonly string[] | undefined;
  /** Name of the run folder below the config's `out`. @default from strategy, backbone, dataset and seed */
  readonly name?: string | undefined;
  /** Replaces a run of this name. @default false */
  readonly force?: boolean | undefined;
  /** Resumes a run of this name from its newest whole checkpoint. @default false */
  readonly resume?: boolean | undefined;
  /** Stops the run after the current step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** True if a person watches on a terminal. @default process.stderr.isTTY */
  readonly interactive?: boolean | undefined;
  /**
   * Receives what concerns this process and not the run, whose events are the same however often it was stopped: the checkpoint that
   * it was resumed from, and why newer ones were left out. @default a line on stderr each
   */
  readonly note?: ((message: string) => void) | undefined;
}

/** Facts about a run: its name, machine, versions and seed. */
export interface RunFacts {
  readonly run: string;
  readonly engine: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: number;
}

/** Size of a network: parameters (batch-norms included while they exist), and multiply-adds for one image. */
export interface NetworkCost {
  readonly parameters: number;
  readonly macs: number;
}

/** Result of one training. */
export interface TrainingResult {
  readonly strategy: string;
  readonly seed: number;
  readonly engine: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly steps: number;
  readonly testImages: number;
  /** Fraction of test images classified correctly: with all branches, and fused. */
  readonly accuracy: { readonly multiBranch: number; readonly fused: number };
  /** Fraction of test images on which both name the same class. */
  readonly argmaxAgreement: number;
  readonly certificate: Omit<Certificate, 'blocks'>;
  readonly architecture: Architecture;
  /** Number of blocks in which each branch op was kept. */
  readonly kept: Readonly<Record<string, number>>;
  readonly cost: { readonly training: NetworkCost; readonly fused: NetworkCost };
  /** Files written, by format, relative to the run folder. */
  readonly exports: Readonly<Record<string, string>>;
  /** Check of each export with a program that reads the format, on the certificate's images. */
  readonly exportChecks: Readonly<Record<string, ExportChecked>>;
}

/** Result of a run: the config's strategy, and the baseline if the config names one. */
export interface RunResult {
  /** Path of the run folder. */
  readonly folder: string;
  readonly main: TrainingResult;
  readonly baseline?: TrainingResult;
}

/** Result of a search. */
export interface SearchResult {
  readonly folder: string;
  readonly architecture: Architecture;
  /** The file that `repnas train --arch` reads. */
  readonly file: string;
}

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
