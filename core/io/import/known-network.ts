import type { FusedMetadata } from '../../contracts/exporter.js';
import type { NamedShape, Placed } from './graph-writer.js';
import type { TensorSource } from './tensor-source.js';

/** A network that is known by the names of its blocks: how they stand to one another is in no checkpoint. */
export interface KnownNetwork {
  /** Whether blocks are called so. @param others names of the tensors that belong to none */
  matches(names: readonly string[], others: readonly string[]): boolean;
  /** Height and width of the images that its own code trains on. */
  readonly size: readonly [height: number, width: number];
  /** What its own code normalises images by. */
  readonly normalisation: FusedMetadata['normalisation'];
  /** What the file calls the classes. @default their numbers */
  readonly classes?: readonly string[];
  /** @throws Error naming the block or tensor that is missing or does not fit */
  place(
    blocks: readonly NamedShape[],
    input: readonly [height: number, width: number],
    tensors: { readonly shapes: TensorSource['shapes']; readonly others: readonly string[] },
  ): Placed;
}

/** What code for ImageNet has in common. */
export const OF_IMAGENET = {
  size: [224, 224],
  normalisation: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
} as const;
