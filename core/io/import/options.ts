import type { FusedMetadata } from '../../contracts/exporter.js';
import type { NetworkGraph } from '../../contracts/network.js';

/** What a checkpoint does not tell of its network, and how closely the folded one is held to it. */
export interface ImportOptions {
  /** Height and width of the images the network is for; a checkpoint does not tell. @default what its own code trains on: [224, 224], or [32, 32] */
  readonly input?: readonly [height: number, width: number];
  /** Names of the classes. @default their numbers */
  readonly classes?: readonly string[];
  /** @default what the network's own code normalises by: ImageNet's, or 0.5 everywhere for ACNet's networks for CIFAR */
  readonly normalisation?: FusedMetadata['normalisation'];
  /** Largest relative error allowed between the network as trained and as fused. @default 1e-4 */
  readonly tolerance?: number;
  /** Stops between two blocks, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Random images that both are compared on where there are no real ones. @default 2 of 64 x 64, or of the network's own size where it reads no other */
  readonly check?: { readonly images: number; readonly size: number };
}

/** Gives real images of a network's size, normalised as it wants them. */
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
