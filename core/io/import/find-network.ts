import { acnetBottleneck, acnetCifarQuick, acnetCifarResnet, acnetVgg, acnetWideResnet } from './acnet-networks.js';
import { acnetResnet, dbbResnet, dingMobilenet } from './dbb-networks.js';
import type { KnownNetwork } from './known-network.js';
import { ownBlocks, ownNetwork } from './own-network.js';
import { plainBlocks } from './plain-blocks.js';
import { type BlockPlan, type Recognised, recogniseBlocks } from './recognise.js';
import { stagedNetwork } from './staged-network.js';
import type { OpenCheckpoint } from './tensor-source.js';

const KNOWN: readonly KnownNetwork[] = [
  stagedNetwork,
  dbbResnet,
  dingMobilenet,
  acnetResnet,
  acnetBottleneck,
  acnetCifarResnet,
  acnetVgg,
  acnetCifarQuick,
  acnetWideResnet,
];

export interface FoundNetwork extends Recognised {
  readonly known: KnownNetwork;
  /** A block's name as the network knows it. */
  placeNames(name: string): string;
}

/** A checkpoint by its names, and by what it says itself. */
export type Named = Pick<OpenCheckpoint, 'tensors' | 'described'>;

/**
 * The network that a file of ours describes, or that a checkpoint's blocks are called as; where there is none, they must stand in
 * stages. RepVGG's and timm's names are read as theirs, by whomever they were written.
 *
 * @throws Error naming a block that a file describes and has no tensors of
 */
export function findNetwork({ tensors, described }: Named): FoundNetwork {
  const own = described && ownBlocks(described.graph, tensors.shapes.keys());
  if (own) return { known: ownNetwork(described), ...own, placeNames: (name) => name };
  const found = allBlocks(tensors.shapes.keys());
  const known = knownNetwork(found) ?? stagedNetwork;
  if (!described) return { known, ...found, placeNames: withoutKind };
  const { classes, normalisation } = described;
  const [height, width] = described.graph.input;
  return { known: { ...known, size: [height, width], normalisation, classes }, ...found, placeNames: withoutKind };
}

/** What a block may hold that depends on the image, and so is part of no convolution: the gates of RepVGG-D2se, MobileOne-S4, timm's. */
const GATE = /^(?:se|attn)\./;

/** Why a checkpoint's network cannot be put together here, though its blocks can be folded; undefined where it can. */
export function whyBlocksAlone({ tensors, described }: Named): string | undefined {
  if (described && ownBlocks(described.graph, tensors.shapes.keys())) return undefined;
  const found = allBlocks(tensors.shapes.keys());
  const gate = gated(found.blocks, found.others);
  if (gate !== undefined)
    return `'${gate}' belongs to squeeze and excitation, which multiplies by what it sees in the image and is no convolution`;
  return knownNetwork(found)
    ? undefined
    : "its blocks are not named as those of RepVGG, MobileOne, RepNAS, timm's, or of DBB's or ACNet's own networks";
}

const gated = (blocks: readonly BlockPlan[], others: readonly string[]): string | undefined =>
  others.find((other) =>
    blocks.some(({ name }) => other.startsWith(`${name}.`) && GATE.test(other.slice(name.length + 1))),
  );

function knownNetwork({ blocks, others }: Recognised): KnownNetwork | undefined {
  const names = blocks.map(({ name }) => withoutKind(name));
  return names.length === 0 ? undefined : KNOWN.find((network) => network.matches(names, others));
}

/** Blocks of several branches, and the plain convolutions of networks that have both. */
function allBlocks(names: Iterable<string>): Recognised {
  const { blocks, others } = recogniseBlocks(names);
  const staged = stagedNetwork.matches(
    blocks.map(({ name }) => name),
    others,
  );
  const found = staged ? { blocks: [], others } : plainBlocks(others);
  return { blocks: [...blocks, ...found.blocks], others: found.others };
}

/** ACNet's code calls a block with a ReLU behind so. */
const withoutKind = (name: string): string => name.replace(/\.acb$/, '');
