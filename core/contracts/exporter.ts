import type { FileContent } from './file.js';
import type { NetworkGraph } from './network.js';
import type { Part } from './part.js';

/** Writes a fused network in a format that other programs read. */
export interface Exporter<Options = unknown> extends Part<Options> {
  /** Files by relative path; nothing is written here, so that a failed export leaves nothing half done. */
  export(network: FusedNetwork, options: Options): Promise<ReadonlyMap<string, FileContent>>;
  /**
   * Loads what was written into a folder with a program that reads the format. What it answers is compared with the network before
   * the export is put in its place.
   */
  open?(folder: string, options: Options): Promise<OpenModel | Unavailable>;
}

/** An exported network in a program that it is meant for. */
export interface OpenModel {
  /** The program and its version. */
  readonly program: string;
  /** Logits `[N, classes]` of normalised images `[N, H, W, C]`. */
  infer(images: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Why a program is not here, and what to install. */
export interface Unavailable {
  readonly unavailable: string;
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

export interface FusedConvolution {
  readonly shape: readonly [height: number, width: number, inputs: number, outputs: number];
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

export interface FusedMetadata {
  readonly classes: readonly string[];
  /** The network reads (pixel / 255 − mean) / deviation. */
  readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  readonly architecture: Readonly<Record<string, readonly string[]>>;
  /** Largest relative difference between fused and unfused outputs, and of which images. */
  readonly certificate: Readonly<Record<string, unknown>>;
}
