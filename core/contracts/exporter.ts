import type { FileContent } from './file.js';
import type { NetworkGraph } from './network.js';
import type { Part } from './part.js';

/** Writes a fused network in a format that other programs read. */
export interface Exporter<Options = unknown> extends Part<Options> {
  /** Files by relative path; nothing is written here, so that a failed export leaves nothing half done. */
  export(network: FusedNetwork, options: Options, sources?: ExportSources): Promise<ReadonlyMap<string, FileContent>>;
  /**
   * Loads what was written into a folder with a program that reads the format. What it answers is compared with the network before
   * the export is put in its place.
   */
  open?(folder: string, options: Options, use?: OpenUse): Promise<OpenModel | Unavailable>;
  /** Whether the files read images of any size, so that small ones will do to check them. Default: no. */
  readsAnySize?(network: FusedNetwork): boolean;
  /**
   * Whether the options round the network's numbers on purpose. Its answers then need not be the network's; the accuracy that is lost
   * is measured instead, and without the program that does so there is no export. Default: never.
   */
  rounds?(options: Options): boolean;
}

/** What an exporter may ask for beside the fused network. Each is absent where there is nothing to take it from. */
export interface ExportSources {
  /** Smallest and largest value of the image (`input`) and of every node's output over training images. */
  ranges?(): Promise<ReadonlyMap<string, ValueRange>>;
  /** Of a checkpoint of other programs: what its own code calls, in its deploy form, what nodes have become. */
  sourceNames?(): ReadonlyMap<string, { readonly name: string; readonly convolution: boolean }>;
  /** The branches that were folded. */
  trained?(): TrainedNetwork;
}

/** Between which values something lay on the images that were looked at. */
export interface ValueRange {
  readonly lowest: number;
  readonly highest: number;
}

/** The blocks of a network as they were trained, by node. */
export type TrainedNetwork = ReadonlyMap<string, TrainedBlock>;

/** A block as it was trained: the branches that it kept. */
export interface TrainedBlock {
  readonly branches: readonly TrainedBranch[];
  /** The batch-norm behind the sum, where the branches have none of their own. */
  readonly norm?: TrainedNorm;
}

/** What a branch has learned, its closing batch-norm (`norm`) included. */
export interface TrainedBranch {
  /** Name of the branch op. */
  readonly op: string;
  /** HWIO, by the op's own names; without the identity that some ops add. */
  readonly kernels: ReadonlyMap<string, TrainedKernel>;
  readonly norms: ReadonlyMap<string, TrainedNorm>;
  /** What the branch is multiplied by before the sum, one value a channel, where it has no closing batch-norm. */
  readonly scale?: Float32Array;
}

/** A kernel that was learned, HWIO: height x width x inputs of one group x outputs. */
export interface TrainedKernel {
  readonly shape: readonly [height: number, width: number, inputs: number, outputs: number];
  readonly values: Float32Array;
  /** Whether the op adds the identity to it. */
  readonly identity: boolean;
}

/** One value a channel. */
export interface TrainedNorm {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  /** Unbiased. */
  readonly variance: Float32Array;
}

/** What an exported network is opened for. */
export interface OpenUse {
  /** To answer often and fast, however long loading takes; else a few times. Default: false. */
  readonly often?: boolean;
}

/** An exported network in a program that it is meant for. */
export interface OpenModel {
  /** The program and its version. */
  readonly program: string;
  /** Height, width and channels of the images it is for. Absent: the files do not tell. */
  readonly image?: readonly [height: number, width: number, channels: number];
  /** Logits `[N, classes]` of normalised images `[N, H, W, C]`. */
  infer(images: Float32Array, shape: ImagesShape): Promise<Float32Array>;
  /** The same images again and again, laid out as the program wants them: what a benchmark times. Default: `infer`. */
  ready?(images: Float32Array, shape: ImagesShape): () => Promise<unknown>;
  /** Gives back what the program holds. Nothing is asked of it afterwards. */
  close(): Promise<void>;
}

/** Number, height and width in pixels, and channels of images. */
export type ImagesShape = readonly [count: number, height: number, width: number, channels: number];

/** Why a program is not here, and what to install. */
export interface Unavailable {
  readonly unavailable: string;
}

/** What came of running an export in a program that reads it. */
export interface ExportCheck {
  readonly program: string;
  readonly images: number;
  /** The images were random numbers, for want of real ones. Default: false. */
  readonly randomImages?: boolean;
  readonly maxDifference: number;
  /** Largest difference of logits over the largest logit. */
  readonly relativeError: number;
  /** Share of images on which the program names the class that the network names. */
  readonly argmaxAgreement: number;
  /** Of a format that rounds: what is left of the accuracy on the test images, and what is lost. */
  readonly accuracy?: number;
  readonly accuracyLost?: number;
}

/** A plain network: convolution + bias, activation, pooling, dense. */
export interface FusedNetwork {
  readonly graph: NetworkGraph;
  /** Of every block: HWIO kernel (inputs of one group) and bias, float32. */
  readonly convolutions: ReadonlyMap<string, FusedConvolution>;
  /** Of every dense node: inputs x outputs, and bias. */
  readonly dense: ReadonlyMap<string, { readonly weight: Float32Array; readonly bias: Float32Array }>;
  readonly metadata: FusedMetadata;
}

/** A block's one convolution: HWIO kernel (inputs of one group) and a bias for each output channel, float32. */
export interface FusedConvolution {
  readonly shape: readonly [height: number, width: number, inputs: number, outputs: number];
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** What a fused network is told to read and stands for, which formats carry along where they can. */
export interface FusedMetadata {
  readonly classes: readonly string[];
  /** The network reads (pixel / 255 − mean) / deviation. */
  readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  readonly architecture: Readonly<Record<string, readonly string[]>>;
  /** Largest relative difference between fused and unfused outputs, and of which images. */
  readonly certificate: Readonly<Record<string, unknown>>;
}
