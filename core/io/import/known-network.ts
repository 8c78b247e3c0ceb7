import type { FusedMetadata } from '../../contracts/exporter.js';
import type { NamedShape, Placed } from './graph-writer.js';
import type { ByStage } from './options.js';
import type { TensorSource } from './tensor-source.js';

/** A network that is known by the names of its blocks: how they stand to one another is in no checkpoint. */
export interface KnownNetwork {
  /** What it is, for reports: whose code says how its blocks stand to one another. */
  readonly title: string;
  /** Whether blocks are called so. @param others names of the tensors that belong to none */
  matches(names: readonly string[], others: readonly string[]): boolean;
  /** Height and width of the images that its own code trains on. */
  readonly size: readonly [height: number, width: number];
  /** What its own code normalises images by, of three channels. */
  readonly normalisation: FusedMetadata['normalisation'];
  /** What the file calls the classes. @default their numbers */
  readonly classes?: readonly string[];
  /** Whether it has stages, which options may name by their order. @default false */
  readonly staged?: boolean;
  /** @throws Error naming the block or tensor that is missing or does not fit */
  place(blocks: readonly NamedShape[], input: readonly [height: number, width: number], tensors: PlacedFrom): Placed;
}

/** What a network is put together from, beside its blocks. */
export interface PlacedFrom {
  readonly shapes: TensorSource['shapes'];
  /** Names of the tensors that belong to no block and no gate, and that are not known to be of no importance. */
  readonly others: readonly string[];
  /** Strides and dilations that were told by stage. */
  readonly strides?: ByStage | undefined;
  readonly dilation?: ByStage | undefined;
}

/** What code for ImageNet has in common. */
export const OF_IMAGENET = {
  size: [224, 224],
  normalisation: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
} as const;

/** Of another number of channels, the mean of what the colours are normalised by. */
export function normalisationFor(
  channels: number,
  { mean, deviation }: FusedMetadata['normalisation'],
): FusedMetadata['normalisation'] {
  if (mean.length === channels) return { mean, deviation };
  const average = (values: readonly number[]): number[] => {
    const value = values.reduce((sum, one) => sum + one, 0) / values.length;
    return Array.from({ length: channels }, () => Number(value.toFixed(4)));
  };
  return { mean: average(mean), deviation: average(deviation) };
}
