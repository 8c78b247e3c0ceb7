import type { ExportChecked } from '../../contracts/exporter.js';
import type { Timing } from '../timing/index.js';

// What benchmarks ask for and find, without what computes: programs that only read of it load no engine.

/** What is measured of each subject, all in milliseconds for a batch. */
export const MEASURES = ['training', 'unfused', 'fused'] as const;

/** A pass over one batch: a training step, inference of the branches, inference of the fused convolution. */
export type Measure = (typeof MEASURES)[number];

/** What is measured together, and held against the plain one among it. */
export const GROUPS = ['branch-ops', 'blocks', 'networks'] as const;

/** A kind of subject: one branch op in a block, a strategy's set of branches in a block, a whole network. */
export type Group = (typeof GROUPS)[number];

/** The block that branch ops and sets of them are measured in. */
export interface BlockSize {
  /** Channels in and out. */
  readonly channels: number;
  /** Height and width of the image, pixels. */
  readonly size: number;
  /** K of the KxK convolution. */
  readonly kernelSize: number;
}

/** What is timed, and for how long. */
export interface BenchOptions {
  readonly groups: readonly Group[];
  readonly block: BlockSize;
  /** Strategies by name; absent: all there are. */
  readonly strategies?: readonly string[] | undefined;
  /** How long each figure is measured at least. */
  readonly milliseconds: number;
  /** Ends the measuring after the figure in hand, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each group before it is measured, and of how many subjects it has. */
  readonly onGroup?: (group: Group, subjects: number) => void;
}

/** A figure, and how often the plain one's it is in the same run. */
export interface MeasuredTiming extends Timing {
  readonly ratioToPlain: number;
}

/** What one subject takes, milliseconds for a batch. */
export interface BenchEntry extends Readonly<Record<Measure, MeasuredTiming>> {
  readonly group: Group;
  readonly name: string;
}

/** All that was measured on one engine. */
export interface BenchReport {
  readonly engine: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Images in a batch, for training and inference. */
  readonly batch: number;
  readonly block: BlockSize;
  readonly network: { readonly backbone: Readonly<Record<string, unknown>>; readonly image: readonly number[] };
  readonly entries: readonly BenchEntry[];
  /** What could not be measured, and why. */
  readonly skipped: readonly (Skipped & { readonly group: Group })[];
}

/** Something that is not measured, and why. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/** Which network to measure, and on what. */
export interface DeploySource {
  /** A run folder, or a checkpoint: of another program, or what `export` wrote as safetensors. */
  readonly model: string;
  readonly engine?: string | undefined;
  /** Of a run: run the plugins that its folder names. @default false: only those that your own config lists */
  readonly trustPlugins?: boolean | undefined;
  /** Of a checkpoint: height and width of its images. @default what its own code trains on */
  readonly size?: readonly [height: number, width: number] | undefined;
}

/** Images in a batch: an answer at once, and as many as possible. */
export const BATCHES = [1, 32] as const;

/** Which network is measured as it is deployed, and for how long. */
export interface DeployOptions extends Omit<DeploySource, 'model'> {
  /** How long each figure is measured at least. */
  readonly milliseconds: number;
  /** Told of what could not be measured, and why. */
  warn(message: string): void;
}

/** Latency, throughput, memory and size of one network: unfused, fused, and in the program that reads its export. */
export interface DeployReport {
  readonly model: string;
  readonly engine: string;
  readonly device: string;
  readonly image: readonly number[];
  readonly entries: readonly DeployEntry[];
  /** What the other program made of the exported network; why it was not asked. */
  readonly checked: ExportChecked;
}

/** What it takes to answer with one form of a network in one program. */
export interface DeployEntry {
  readonly name: string;
  /** Milliseconds for a batch, by its size. */
  readonly latency: Readonly<Record<(typeof BATCHES)[number], Timing>>;
  /** Images a second in the larger batch. */
  readonly throughput: number;
  /** Bytes by which a process of its own grows that loads the network and answers. */
  readonly memory: number;
  /** Bytes of its numbers as a file. */
  readonly file: number;
}
