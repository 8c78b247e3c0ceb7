import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { NetworkGraph } from '../../contracts/network.js';
import { acnetBottleneck, acnetCifarQuick, acnetCifarResnet, acnetVgg, acnetWideResnet } from './acnet-networks.js';
import { acnetResnet, dbbResnet, dingMobilenet } from './dbb-networks.js';
import { FAMILIES } from './families.js';
import { gateOf, tensorsOfLayer } from './gates.js';
import { nothingFound } from './deploy-form.js';
import type { KnownNetwork } from './known-network.js';
import { harmless } from './left-out.js';
import { ownBlocks, ownNetwork } from './own-network.js';
import { plainBlocks } from './plain-blocks.js';
import { renamed } from './plain-names.js';
import { type BlockPlan, type Recognised, recogniseBlocks } from './recognise.js';
import { stagedNetwork } from './staged-network.js';
import type { OpenCheckpoint, TensorSource } from './tensor-source.js';

/**
 * Which network a checkpoint is of: the one that a file of ours describes, or the one whose code has blocks of such names, wherever in
 * a larger model they stand.
 */

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
  /** The tensors, by names without what stands before those of the network. */
  readonly tensors: TensorSource;
  /** Tensors of `others` that nothing is known of: neither a block's gate, nor what only training needs. */
  readonly foreign: readonly string[];
  /** What was cut off. */
  readonly prefix: string;
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
export function findNetwork(
  { tensors, described }: Named,
  families: readonly CheckpointFamily[] = FAMILIES,
): FoundNetwork {
  const own = described && ownBlocks(described, tensors.shapes, families);
  if (own)
    return {
      known: ownNetwork(described),
      ...own,
      tensors,
      foreign: own.others,
      prefix: '',
      placeNames: (name) => name,
    };
  const placed = placedNetwork(tensors, families);
  const known = placed.known ?? stagedNetwork;
  if (!described) return { ...placed, known };
  const { classes, normalisation } = described;
  const [height, width] = described.graph.input;
  const place = describedPlace(known, described.graph);
  return { ...placed, known: { ...known, place, size: [height, width], normalisation, classes } };
}

/** The graph that a file describes, where its nodes are those that its blocks' names make: strides and activations are in no name. */
const describedPlace =
  ({ place }: KnownNetwork, described: NetworkGraph): KnownNetwork['place'] =>
  (blocks, input, tensors) => {
    const placed = place(blocks, input, tensors);
    const nodes = (graph: Pick<NetworkGraph, 'nodes'>): string =>
      graph.nodes.flatMap(({ kind, name }) => (kind === 'dropout' ? [] : [name])).join();
    if (nodes(placed.graph) !== nodes(described)) return placed;
    const graph = { ...described, input: [...input, described.input[2]] as const };
    return { ...placed, graph, assumed: [] };
  };

/** Why a checkpoint's network cannot be put together here, though its blocks can be folded; undefined where it can. */
export function whyBlocksAlone(
  { tensors, described }: Named,
  families: readonly CheckpointFamily[] = FAMILIES,
  allowLeftOut = false,
): string | undefined {
  if (described && ownBlocks(described, tensors.shapes, families)) return undefined;
  const { known, blocks, others, foreign, tensors: plain } = placedNetwork(tensors, families);
  if (blocks.length === 0) return nothingFound(plain.shapes, families);
  if (!known) {
    const gate = blocks.find(({ name }) => others.some((other) => /^(?:se|attn)\./.test(within(name, other))));
    return gate
      ? `block '${gate.name}' has squeeze and excitation, which depends on the image, in a network whose blocks are not named as any that is known`
      : "its blocks are not named as those of RepVGG, MobileOne, RepNAS, timm's, OpenMMLab's, or of DBB's or ACNet's own networks";
  }
  if (allowLeftOut) return undefined;
  return unplaced(foreign, plain);
}

/** What belongs to the network and to none of its parts that are known, by name; a head is one of those. */
function unplaced(foreign: readonly string[], { shapes }: TensorSource): string | undefined {
  const heads =
    /^(?:linear|fc|classifier|head|cls|last_linear|head\.fc|classifier\.fc|linear1|linear2|fc1|fc2)(?:\.\d+)?\.(?:weight|bias)$/;
  const left = foreign.filter((name) => !heads.test(name));
  if (left.length === 0) return undefined;
  const [first = ''] = left;
  const more = left.length > 1 ? ` and ${left.length - 1} more` : '';
  return `tensor '${first}' [${shapes.get(first) ?? ''}]${more} belongs to no block and no layer that is known, so the network computes something that is not understood (--allow-left-out leaves it out all the same)`;
}

const within = (block: string, name: string): string =>
  block === '' ? name : name.startsWith(`${block}.`) ? name.slice(block.length + 1) : '';

interface Placed extends Omit<FoundNetwork, 'known'> {
  readonly known: KnownNetwork | undefined;
}

/** The network whose code has such blocks, under the shortest prefix that makes them so. */
function placedNetwork(tensors: TensorSource, families: readonly CheckpointFamily[]): Placed {
  const whole = allBlocks(tensors, families);
  for (const prefix of prefixes(whole.blocks)) {
    const source = prefix === '' ? tensors : renamed(tensors, (name) => cut(name, prefix));
    const found = prefix === '' ? whole : allBlocks(source, families);
    const names = found.blocks.map(({ name }) => withoutKind(name));
    const known = names.length === 0 ? undefined : KNOWN.find((network) => network.matches(names, found.others));
    if (known)
      return { known, tensors: source, ...found, foreign: foreignOf(found, source), prefix, placeNames: withoutKind };
  }
  return {
    known: undefined,
    tensors,
    ...whole,
    foreign: foreignOf(whole, tensors),
    prefix: '',
    placeNames: withoutKind,
  };
}

const cut = (name: string, prefix: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);

/** What all blocks' names begin with, part by part, the shortest first. */
function* prefixes(blocks: readonly BlockPlan[]): Generator<string> {
  yield '';
  const [first, ...others] = blocks.map(({ name }) => name.split('.'));
  if (!first) return;
  for (let length = 1; length <= first.length; length++) {
    const prefix = first.slice(0, length);
    if (others.some((name) => name.slice(0, length).join('.') !== prefix.join('.'))) return;
    yield `${prefix.join('.')}.`;
  }
}

/** Names that neither a gate nor training explains. */
function foreignOf({ blocks, others }: Recognised, tensors: TensorSource): readonly string[] {
  const gates = new Set(
    blocks.flatMap(({ name }) => {
      const [, channels = 0] = [0, channelsOf(name, tensors)];
      const gate = gateOf(name, channels, tensors);
      return gate ? [gate.down, gate.up].flatMap(tensorsOfLayer) : [];
    }),
  );
  return others.filter((name) => !gates.has(name) && !harmless(name));
}

/** What a block's gate must fit is checked where the block is placed; here its own outputs will do. */
function channelsOf(block: string, { shapes }: TensorSource): number {
  const found = [...shapes].find(([name]) =>
    /^(?:se|attn|se_layer)\..*(?:up|expand|fc2|conv2\.conv)\.weight$/.test(within(block, name)),
  );
  return found?.[1][0] ?? 0;
}

/** Blocks of several branches, and the plain convolutions of networks that have both. */
function allBlocks({ shapes }: TensorSource, families: readonly CheckpointFamily[]): Recognised {
  const { blocks, others } = recogniseBlocks(shapes, families);
  const staged = stagedNetwork.matches(
    blocks.map(({ name }) => name),
    others,
  );
  const found = staged ? { blocks: [], others } : plainBlocks(others);
  return { blocks: [...blocks, ...found.blocks], others: found.others };
}

/** ACNet's code calls a block with a ReLU behind so. */
const withoutKind = (name: string): string => name.replace(/\.acb$/, '');
