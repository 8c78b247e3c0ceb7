import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { FusedMetadata } from '../../contracts/exporter.js';
import type { Activation, NetworkGraph } from '../../contracts/network.js';

/** A number for each stage of a network in their order, or for blocks by their names. */
export type ByStage = readonly number[] | Readonly<Record<string, number>>;

/** What a checkpoint does not say of its network, and how closely the folded one is held to it. */
export interface ImportOptions {
  /** Height and width of the images the network is for. @default what its own code trains on: [224, 224], or [32, 32] */
  readonly input?: readonly [height: number, width: number];
  /** Names of the classes. @default their numbers */
  readonly classes?: readonly string[];
  /** @default what the network's own code normalises by: ImageNet's, or 0.5 everywhere for ACNet's networks for CIFAR */
  readonly normalisation?: FusedMetadata['normalisation'];
  /** Of the batch-norms. @default what the file says, else what the family's own code has, else 1e-5 */
  readonly epsilon?: number;
  /** Of the first block of each stage, or of blocks by name. @default what the file says, else as in the family's own code */
  readonly strides?: ByStage;
  /** Pixels between the taps of kernels, of the blocks of each stage or of blocks by name. @default what the file says, else 1 */
  readonly dilation?: ByStage;
  /** Behind every block. @default what the file says, else what the family's own code has */
  readonly activation?: Activation;
  /** Leave out tensors that belong to nothing that is understood. @default false: refuse, naming them */
  readonly allowLeftOut?: boolean;
  /** Whether the answers of the network itself decide afterwards. @default false: refuse an assumption on which too much depends */
  readonly expected?: boolean;
  /** Families of blocks that are looked for. @default those that come with the package */
  readonly families?: readonly CheckpointFamily[];
  /** Largest relative error allowed between the network as trained and as fused. @default 1e-4 */
  readonly tolerance?: number;
  /** Stops between two blocks, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Random images that both are compared on where there are no real ones. @default 2 of 64 x 64, or of the network's own size where it reads no other */
  readonly check?: { readonly images: number; readonly size: number };
}

/** Gives images of a network's size, normalised as it wants them. */
export type ImagesFor = (
  network: Pick<NetworkGraph, 'input' | 'classes'>,
  normalisation: FusedMetadata['normalisation'],
) => Promise<ComparedImages>;

/** Images to compare two networks on. */
export interface ComparedImages {
  /** `[N, H, W, C]`, normalised. */
  readonly values: Float32Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** Whether they are random numbers. */
  readonly random: boolean;
}
