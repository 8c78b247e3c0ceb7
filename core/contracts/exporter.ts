import type { FileContent } from './file.js';
import type { NetworkGraph } from './network.js';
import type { Part } from './part.js';

/** Writes a fused network in a format that other programs read. */
export interface Exporter<Options = unknown> extends Part<Options> {
  /** Builds the files, by relative path. Writes nothing, so that a failed export leaves nothing half done. */
  export(network: FusedNetwork, options: Options, sources?: ExportSources): Promise<ReadonlyMap<string, FileContent>>;
  /**
   * Loads the written files with a program that reads the format. Its answers are compared with the network's before
   * the export is put in place.
   */
  open?(folder: string, options: Options, use?: OpenUse): Promise<OpenModel | Unavailable>;
  /** True if the files accept images of any size, so that small ones can check them. Default: false. */
  readsAnySize?(network: FusedNetwork): boolean;
  /**
   * True if the options round the network's numbers on purpose. Its answers then may differ; the loss of accuracy is
   * measured instead, and without the program to measure it nothing is exported. Default: false.
   */
  rounds?(options: Options): boolean;
}

/** What an exporter may ask for besides the fused network. Each is undefined if there is nothing to take it from. */
export interface ExportSources {
  /** Smallest and largest value of the image (`input`) and of every node's output, over training images. */
  ranges?(): Promise<ReadonlyMap<string, ValueRange>>;
  /** Of a checkpoint of other programs: what its own code calls, in its deploy form, what nodes have become. */
  sourceNames?(): ReadonlyMap<string, { readonly name: string; readonly convolution: boolean }>;
  /** The branches that were folded. */
  trained?(): TrainedNetwork;
}

/** Range of values over the images that were seen. */
export interface ValueRange {
  readonly lowest: number;
  readonly highest: number;
}

/** The blocks of a network as trained, by node. */
export type TrainedNetwork = ReadonlyMap<string, TrainedBlock>;

/** A block as trained: the branches that it kept. */
export interface TrainedBlock {
  readonly branches: readonly TrainedBranch[];
  /** The batch-norm behind the sum, if the branches have none of their own. */
  readonly norm?: TrainedNorm;
}

/** What a branch has learned, its closing batch-norm (`norm`) included. */
export interface TrainedBranch {
  /** Name of the branch op. */
  readonly op: string;
  /** HWIO, by the op's own names, without the identity that some ops add. */
  readonly kernels: ReadonlyMap<string, TrainedKernel>;
  readonly norms: ReadonlyMap<string, TrainedNorm>;
  /** Scale per channel before the sum, if the branch has no closing batch-norm. */
  readonly scale?: Float32Array;
}

/** A kernel that was learned, HWIO: height x width x inputs of one group x outputs. */
export interface TrainedKernel {
  readonly shape: readonly [height: number, width: number, inputs: number, outputs: number];
  readonly values: Float32Array;
  /** True if the op adds the identity to it. */
  readonly identity: boolean;
}

/** A batch-norm, one value per channel. */
export interface TrainedNorm {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  /** Unbiased variance. */
  readonly variance: Float32Array;
}

/** Why an exported network is opened. */
export interface OpenUse {
  /** True to answer often and fast, however long loading takes. Default: false. */
  readonly often?: boolean;
}

/** An exported network, loaded by the program it is for. */
export interface OpenModel {
  /** The program and its version. */
  readonly program: string;
  /** Height, width and channels of its images; undefined if the files do not say. */
  readonly image?: readonly [height: number, width: number, channels: number];
  /** Returns logits `[N, classes]` of normalised images `[N, H, W, C]`. */
  infer(images: Float32Array, shape: ImagesShape): Promise<Float32Array>;
  /**
   * Prepares images once in the program's own layout and answers them repeatedly; benchmarks time this. Default:
   * `infer`.
   */
  ready?(images: Float32Array, shape: ImagesShape): () => Promise<unknown>;
  /** Releases what the program holds. Called last. */
  close(): Promise<void>;
}

/** Number, height and width in pixels, and channels of images. */
export type ImagesShape = readonly [count: number, height: number, width: number, channels: number];

/** Why a program is not available, and what to install. */
export interface Unavailable {
  readonly unavailable: string;
}

/** Result of running an export in a program that reads it. */
export interface ExportCheck {
  readonly program: string;
  readonly images: number;
  /** True if the images were random numbers, for want of real ones. Default: false. */
  readonly randomImages?: boolean;
  readonly maxDifference: number;
  /** Largest difference of logits, relative to the largest logit. */
  readonly relativeError: number;
  /** Fraction of images for which the program and the network name the same class. */
  readonly argmaxAgreement: number;
  /** For a format that rounds: accuracy on the test images, and its loss. */
  readonly accuracy?: number;
  readonly accuracyLost?: number;
}

/** The check of an export with a program that reads its format, or why there was none. */
export type ExportChecked = { readonly check: ExportCheck } | { readonly unchecked: string };

/** A plain network: convolution + bias, activation, pooling, dense. */
export interface FusedNetwork {
  readonly graph: NetworkGraph;
  /** Per block: HWIO kernel (inputs of one group) and bias, float32. */
  readonly convolutions: ReadonlyMap<string, FusedConvolution>;
  /** Per dense node: weight `[inputs, outputs]`, and bias. */
  readonly dense: ReadonlyMap<string, { readonly weight: Float32Array; readonly bias: Float32Array }>;
  readonly metadata: FusedMetadata;
}

/** A block's single convolution: HWIO kernel (inputs of one group) and one bias per output channel, float32. */
export interface FusedConvolution {
  readonly shape: readonly [height: number, width: number, inputs: number, outputs: number];
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** What a fused network reads and stands for. Formats carry it along if they can. */
export interface FusedMetadata {
  readonly classes: readonly string[];
  /** The network reads (pixel / 255 − mean) / deviation. */
  readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  readonly architecture: Readonly<Record<string, readonly string[]>>;
  /** Largest relative difference between fused and unfused outputs, and the images it was measured on. */
  readonly certificate: Readonly<Record<string, unknown>>;
}
